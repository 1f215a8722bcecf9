import { jsonToProto, LogsBatch, MetricsBatch, protoToJson, TracesBatch } from '@millrace/otlp';
import { FakeStepTools } from '@millrace/testkit';
import definition from '../index.ts';

export type GroupedSignal = 'logs' | 'traces' | 'metrics';
export type Attributes = Readonly<Record<string, string | number>>;
/** Resources, each with its scopes and their items (or metrics with points), as short as tests can write them. */
export interface PlainResource {
  readonly attributes: Attributes;
  readonly scopes: readonly PlainScope[];
}
export interface PlainScope {
  readonly name: string;
  readonly items: readonly PlainItem[];
}
/** `id` tells items apart; `metric` and `sum` are for data points. */
export interface PlainItem {
  readonly id: number;
  readonly attributes: Attributes;
  readonly metric?: string;
  readonly sum?: boolean;
}

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string };
}

const keyValues = (attributes: Attributes): KeyValue[] =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
  }));

const NAMES = {
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
} as const;

/** An export request. Data points that follow each other with the same metric are in one. */
export function requestOf(signal: GroupedSignal, resources: readonly PlainResource[]): Uint8Array {
  const [outer, middle, inner] = NAMES[signal];
  const json = {
    [outer]: resources.map(({ attributes, scopes }) => ({
      resource: { attributes: keyValues(attributes) },
      schemaUrl: 'https://example.com/1',
      [middle]: scopes.map(({ name, items }) => ({
        scope: { name, version: '1' },
        [inner]: signal === 'metrics' ? metricsOf(items) : items.map((item) => itemOf(signal, item)),
      })),
    })),
  };
  return jsonToProto(signal, JSON.stringify(json));
}

function itemOf(signal: GroupedSignal, { id, attributes }: PlainItem): object {
  const time = String(id);
  const own = { attributes: keyValues(attributes) };
  return signal === 'logs' ? { timeUnixNano: time, ...own } : { startTimeUnixNano: time, name: 'x', ...own };
}

function metricsOf(items: readonly PlainItem[]): object[] {
  const metrics: { name: string; sum?: { dataPoints: object[] }; gauge?: { dataPoints: object[] } }[] = [];
  for (const { id, attributes, metric: name = '', sum } of items) {
    const last = metrics.at(-1);
    const point = { timeUnixNano: String(id), asInt: '1', attributes: keyValues(attributes) };
    if (last !== undefined && last.name === name && (last.sum !== undefined) === (sum === true)) {
      (last.sum ?? last.gauge)?.dataPoints.push(point);
    } else if (sum === true) {
      metrics.push({ name, sum: { dataPoints: [point], aggregationTemporality: 2, isMonotonic: true } as never });
    } else {
      metrics.push({ name, gauge: { dataPoints: [point] } });
    }
  }
  return metrics;
}

/** What becomes of a batch of these requests: its bytes, and what was counted. */
export function grouped(signal: GroupedSignal, keys: readonly string[], requests: readonly Uint8Array[]) {
  const tools = new FakeStepTools();
  const transform = definition.create!({ keys: [...keys] }, tools);
  const batch = { logs: LogsBatch, traces: TracesBatch, metrics: MetricsBatch }[signal].of(requests);
  transform[signal]?.(batch as never);
  return { batch, counts: Object.fromEntries(tools.counts) };
}

export function json(signal: GroupedSignal, bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(protoToJson(signal, bytes)).toString());
}
