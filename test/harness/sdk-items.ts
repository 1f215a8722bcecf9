/** What the official SDK hands to an exporter, as items: its own objects are the reference, not what was sent of them. */
import { ValueType } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { type Item, itemsOf } from './otlp-items.ts';

/** Seconds and nanoseconds. */
type Time = readonly [number, number];

export function itemsOfLogs(records: readonly ReadableLogRecord[]): Item[] {
  return records.flatMap((record) => {
    const { resource, instrumentationScope, spanContext } = record;
    const logRecord = {
      timeUnixNano: nanos(record.hrTime),
      observedTimeUnixNano: nanos(record.hrTimeObserved),
      severityNumber: record.severityNumber,
      severityText: record.severityText,
      body: anyValue(record.body),
      eventName: record.eventName,
      attributes: pairs(record.attributes),
      droppedAttributesCount: record.droppedAttributesCount,
      flags: spanContext?.traceFlags,
      traceId: spanContext?.traceId,
      spanId: spanContext?.spanId,
    };
    return itemsOf({
      resourceLogs: [
        { ...resourceOf(resource), scopeLogs: [{ ...scopeOf(instrumentationScope), logRecords: [logRecord] }] },
      ],
    });
  });
}

export function itemsOfSpans(spans: readonly ReadableSpan[]): Item[] {
  return spans.flatMap((span) => {
    const { traceId, spanId, traceState, traceFlags } = span.spanContext();
    const otlp = {
      traceId,
      spanId,
      parentSpanId: span.parentSpanContext?.spanId,
      traceState: traceState?.serialize(),
      name: span.name,
      kind: span.kind + 1,
      startTimeUnixNano: nanos(span.startTime),
      endTimeUnixNano: nanos(span.endTime),
      attributes: pairs(span.attributes),
      droppedAttributesCount: span.droppedAttributesCount,
      events: span.events.map((event) => ({
        name: event.name,
        timeUnixNano: nanos(event.time),
        attributes: pairs(event.attributes ?? {}),
        droppedAttributesCount: event.droppedAttributesCount,
      })),
      droppedEventsCount: span.droppedEventsCount,
      links: span.links.map(({ context, attributes, droppedAttributesCount }) => ({
        traceId: context.traceId,
        spanId: context.spanId,
        traceState: context.traceState?.serialize(),
        attributes: pairs(attributes ?? {}),
        droppedAttributesCount,
        flags: flagsOf(context.traceFlags, context.isRemote),
      })),
      droppedLinksCount: span.droppedLinksCount,
      status: { code: span.status.code, message: span.status.message },
      flags: flagsOf(traceFlags, span.parentSpanContext?.isRemote),
    };
    const { resource, instrumentationScope } = span;
    return itemsOf({
      resourceSpans: [{ ...resourceOf(resource), scopeSpans: [{ ...scopeOf(instrumentationScope), spans: [otlp] }] }],
    });
  });
}

export function itemsOfMetrics({ resource, scopeMetrics }: ResourceMetrics): Item[] {
  return itemsOf({
    resourceMetrics: [
      {
        ...resourceOf(resource),
        scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({ ...scopeOf(scope), metrics: metrics.map(metricOf) })),
      },
    ],
  });
}

function metricOf(data: MetricData): object {
  const { name, description, unit } = data.descriptor;
  const aggregationTemporality = data.aggregationTemporality === AggregationTemporality.DELTA ? 1 : 2;
  const about = { name, description, unit };
  const points = (value: (value: never) => object) =>
    data.dataPoints.map((point) => ({
      attributes: pairs(point.attributes),
      startTimeUnixNano: nanos(point.startTime),
      timeUnixNano: nanos(point.endTime),
      ...value(point.value as never),
    }));
  const number = (value: number) =>
    data.descriptor.valueType === ValueType.INT ? { asInt: value } : { asDouble: value };
  switch (data.dataPointType) {
    case DataPointType.SUM:
      return { ...about, sum: { aggregationTemporality, isMonotonic: data.isMonotonic, dataPoints: points(number) } };
    case DataPointType.GAUGE:
      return { ...about, gauge: { dataPoints: points(number) } };
    case DataPointType.HISTOGRAM: {
      const histogram = ({ count, sum, min, max, buckets }: Histogram) => ({
        count,
        sum,
        min,
        max,
        bucketCounts: buckets.counts,
        explicitBounds: buckets.boundaries,
      });
      return { ...about, histogram: { aggregationTemporality, dataPoints: points(histogram) } };
    }
    case DataPointType.EXPONENTIAL_HISTOGRAM: {
      const histogram = ({ count, sum, min, max, scale, zeroCount, positive, negative }: ExponentialHistogram) => ({
        count,
        sum,
        min,
        max,
        scale,
        zeroCount,
        positive,
        negative,
      });
      return { ...about, exponentialHistogram: { aggregationTemporality, dataPoints: points(histogram) } };
    }
  }
}

function resourceOf({ attributes, schemaUrl }: Resource): object {
  return { resource: { attributes: pairs(attributes) }, schemaUrl };
}

function scopeOf(scope: { readonly name: string; readonly version?: string; readonly schemaUrl?: string }): object {
  return { scope: { name: scope.name, version: scope.version }, schemaUrl: scope.schemaUrl };
}

/** W3C flags, and whether it is known that the parent (or the linked span) is in another process: always. */
function flagsOf(traceFlags: number, isRemote: boolean | undefined): number {
  return traceFlags | 0x100 | (isRemote === true ? 0x200 : 0);
}

function nanos([seconds, nanoseconds]: Time): string {
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds));
}

function pairs(attributes: object): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return typeof value === 'object' && value !== null ? { kvlistValue: { values: pairs(value) } } : {};
}
