import type { DataPointView, LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';
import { fixed, shortest } from './go-format.ts';
import { type ResourceLike, type ScopeLike, TextLines } from './text-lines.ts';
import { assignments, valueText } from './value-text.ts';

/** A line for each log record, and for the resource and scope that it is in. */
export function normalLogs(batch: LogsBatch): string {
  const lines = new TextLines();
  let resources = 0;
  for (const resource of batch.resources) {
    lines.line(resourceLine(`ResourceLog #${resources++}`, resource));
    let scopes = 0;
    for (const scope of resource.scopes) {
      lines.line(scopeLine(`ScopeLog #${scopes++}`, scope));
      for (const { body, attributes } of scope.records) {
        lines.line(`${valueText(body)} ${assignments(attributes).join(' ')}`);
      }
    }
  }
  return lines.toString();
}

/** A line for each span, and for the resource and scope that it is in. */
export function normalTraces(batch: TracesBatch): string {
  const lines = new TextLines();
  let resources = 0;
  for (const resource of batch.resources) {
    lines.line(resourceLine(`ResourceTraces #${resources++}`, resource));
    let scopes = 0;
    for (const scope of resource.scopes) {
      lines.line(scopeLine(`ScopeTraces #${scopes++}`, scope));
      for (const { name, traceId, spanId, attributes } of scope.spans) {
        lines.line([name, traceId, spanId, ...assignments(attributes)].join(' '));
      }
    }
  }
  return lines.toString();
}

/** A line for each data point, and for the resource and scope that it is in. */
export function normalMetrics(batch: MetricsBatch): string {
  const lines = new TextLines();
  let resources = 0;
  for (const resource of batch.resources) {
    lines.line(resourceLine(`ResourceMetrics #${resources++}`, resource));
    let scopes = 0;
    for (const scope of resource.scopes) {
      lines.line(scopeLine(`ScopeMetrics #${scopes++}`, scope));
      for (const metric of scope.metrics) {
        const { name } = metric;
        for (const point of metric.dataPoints) {
          lines.line(`${name}{${assignments(point.attributes).join(',')}} ${pointText(point)}`);
        }
      }
    }
  }
  return lines.toString();
}

function resourceLine(heading: string, { schemaUrl, attributes }: ResourceLike): string {
  return [heading, ...bracketed(schemaUrl), ...assignments(attributes)].join(' ');
}

function scopeLine(heading: string, { name, version, schemaUrl, attributes }: ScopeLike): string {
  const scope = version === '' ? name : `${name}@${version}`;
  return [heading, ...(scope === '' ? [] : [scope]), ...bracketed(schemaUrl), ...assignments(attributes)].join(' ');
}

function bracketed(schemaUrl: string): string[] {
  return schemaUrl === '' ? [] : [`[${schemaUrl}]`];
}

function pointText(point: DataPointView): string {
  switch (point.type) {
    case 'number': {
      const { value } = point;
      return value === undefined ? '' : point.valueKind === 'double' ? shortest(Number(value)) : String(value);
    }
    case 'summary': {
      const quantiles = Array.from(
        point.quantileValues,
        (each) => `q${shortest(each.quantile)}=${shortest(each.value)}`,
      );
      return [`count=${point.count}`, `sum=${fixed(point.sum)}`, ...quantiles].join(' ');
    }
    default: {
      const { count, sum, min, max } = point;
      const values = Object.entries({ sum, min, max }).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${shortest(value)}`],
      );
      return [`count=${count}`, ...values, ...bucketTexts(point)].join(' ');
    }
  }
}

function bucketTexts(point: Extract<DataPointView, { type: 'histogram' | 'exponentialHistogram' }>): string[] {
  if (point.type === 'histogram') {
    const bounds = point.explicitBounds;
    return point.bucketCounts.map((count, index) =>
      index < bounds.length ? `le${shortest(bounds[index])}=${count}` : String(count),
    );
  }
  const base = 2 ** (2 ** -point.scale);
  const texts = [point.negative, point.positive].flatMap(({ offset, bucketCounts }) =>
    bucketCounts.map((count, at) => `le${shortest(base ** (offset + at))}=${count}`),
  );
  const { zeroCount } = point;
  return Number(zeroCount) > 0 ? [...texts, `zero_count${shortest(point.zeroThreshold)}=${zeroCount}`] : texts;
}
