import { parseDuration } from '@millrace/config';
import { jsonToProto } from '@millrace/otlp';
import {
  CONTAINERS,
  DATA_FIELDS,
  DOUBLE_VALUE,
  LOG_FIELDS,
  METRIC_FIELDS,
  METRIC_TYPES,
  POINT_FIELDS,
  RESOURCE_FIELDS,
  SCOPE_FIELDS,
  SPAN_FIELDS,
  WHOLE_VALUE,
} from './fields.ts';
import { nanosOf, timeText, writeFields } from './forms.ts';
import { withMetricDefaults } from './metric-defaults.ts';
import type { RecordSignal } from './telemetry-record.ts';
import type { Value, ValueMap } from './value.ts';

type Json = Record<string, unknown>;

/** What records get that do not say it themselves. */
export interface RecordDefaults {
  /** Nanoseconds since 1970: the time of log records and data points, the start of spans. */
  readonly nowNanos: bigint;
  /** A number that was not given before, for ids of spans. */
  readonly nextId: () => bigint;
}

/** An OTLP export request of records in the short form. Neighbours with the same resource and scope share them. */
export function writeRequest(signal: RecordSignal, records: readonly ValueMap[], defaults: RecordDefaults): Uint8Array {
  const [resourceKey, scopeKey, itemKey] = CONTAINERS[signal];
  const resources: Json[] = [];
  let last: { readonly resource: string; readonly scope: string; readonly items: Json[] } | undefined;
  for (const record of records) {
    const resource = writeFields(RESOURCE_FIELDS, record);
    const scope = writeFields(SCOPE_FIELDS, record);
    const [resourceText, scopeText] = [JSON.stringify(resource), JSON.stringify(scope)];
    if (last?.resource !== resourceText) resources.push({ ...resource, [scopeKey]: [] });
    if (last?.resource !== resourceText || last.scope !== scopeText) {
      const items: Json[] = [];
      (resources[resources.length - 1][scopeKey] as Json[]).push({ ...scope, [itemKey]: items });
      last = { resource: resourceText, scope: scopeText, items };
    }
    last.items.push(ITEM_WRITERS[signal](record, defaults));
  }
  return jsonToProto(signal, JSON.stringify({ [resourceKey]: resources }));
}

const ITEM_WRITERS: Readonly<Record<RecordSignal, (record: ValueMap, defaults: RecordDefaults) => Json>> = {
  logs: (record, { nowNanos }) => writeFields(LOG_FIELDS, withDefaults(record, [['time', timeText(nowNanos)]])),
  traces: (record, { nowNanos, nextId }) => {
    const start = record.get('start') ?? timeText(nowNanos);
    const span = withDefaults(record, [
      ['trace_id', () => hex(nextId(), 32)],
      ['span_id', () => hex(nextId(), 16)],
      ['start', start],
      ['end', () => endOf(start, record.get('duration'))],
    ]);
    return writeFields(SPAN_FIELDS, span);
  },
  metrics: writeMetric,
};

function withDefaults(record: ValueMap, defaults: readonly (readonly [string, Value | (() => Value)])[]): ValueMap {
  const filled = new Map(record);
  for (const [name, value] of defaults) {
    if (!filled.has(name)) filled.set(name, typeof value === 'function' ? value() : value);
  }
  return filled;
}

function hex(value: bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** The end of a span that says how long it takes. */
export function endOf(start: Value, duration: Value | undefined): Value {
  const ms = typeof duration === 'string' ? (parseDuration(duration) ?? 0) : 0;
  return timeText((nanosOf(start) ?? 0n) + BigInt(Math.round(ms * 1e6)));
}

/** A metric with one data point: requests may repeat a metric for each of its points. */
function writeMetric(record: ValueMap, { nowNanos }: RecordDefaults): Json {
  const point = withDefaults(withMetricDefaults(record), [['time', timeText(nowNanos)]]);
  const value = typeof record.get('value') === 'bigint' ? WHOLE_VALUE : DOUBLE_VALUE;
  const dataPoints = [writeFields([value, ...POINT_FIELDS], point)];
  const key = METRIC_TYPES.get(point.get('type') as string) as string;
  const isSum = point.has('temporality');
  return {
    ...writeFields(METRIC_FIELDS, record),
    [key]: { ...(isSum ? writeFields(DATA_FIELDS, point) : {}), dataPoints },
  };
}
