import { type Signal, protoToJson } from '@millrace/otlp';
import { readFields } from './forms.ts';
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
import type { Value, ValueMap } from './value.ts';

/** Signals whose items can be shown one by one. */
export type RecordSignal = 'logs' | 'traces' | 'metrics';

/** One log record, span or data point with its resource and scope (and metric), in the short form. */
export interface TelemetryRecord {
  readonly signal: RecordSignal;
  /** By the names of the short form; what has its default is left out. */
  readonly fields: ValueMap;
}

type Json = Readonly<Record<string, unknown>>;

/** The items of OTLP export requests, which must be valid, in order. Nothing of profiles. */
export function readRecords(signal: Signal, chunks: readonly Uint8Array[]): TelemetryRecord[] {
  if (signal === 'profiles' || chunks.length === 0) return [];
  return recordsOfJson(signal, JSON.parse(Buffer.from(protoToJson(signal, chunks)).toString('utf8')) as Json);
}

/** The items of an OTLP/JSON request as the Collector writes it. */
function recordsOfJson(signal: RecordSignal, request: Json): TelemetryRecord[] {
  const [resourceKey, scopeKey, itemKey] = CONTAINERS[signal];
  const records: TelemetryRecord[] = [];
  for (const resource of listAt(request, resourceKey)) {
    const around = readFields(RESOURCE_FIELDS, resource);
    for (const scope of listAt(resource, scopeKey)) {
      const scoped = [...around, ...readFields(SCOPE_FIELDS, scope)];
      for (const item of listAt(scope, itemKey)) {
        for (const own of fieldsOf(signal, item)) records.push({ signal, fields: new Map([...own, ...scoped]) });
      }
    }
  }
  return records;
}

function listAt(json: Json, key: string): readonly Json[] {
  return (json[key] ?? []) as readonly Json[];
}

function fieldsOf(signal: RecordSignal, item: Json): readonly ValueMap[] {
  if (signal === 'logs') return [readFields(LOG_FIELDS, item)];
  return signal === 'traces' ? [readFields(SPAN_FIELDS, item)] : pointsOf(item);
}

function pointsOf(metric: Json): ValueMap[] {
  const described = readFields(METRIC_FIELDS, metric);
  const points: ValueMap[] = [];
  for (const [type, key] of METRIC_TYPES) {
    const data = metric[key] as Json | undefined;
    if (data === undefined) continue;
    const common = [...described, ['type', type] as const, ...readFields(DATA_FIELDS, data)];
    for (const point of listAt(data, 'dataPoints')) {
      const own: [string, Value][] = [...readFields([WHOLE_VALUE, DOUBLE_VALUE, ...POINT_FIELDS], point)];
      points.push(new Map([...common, ...own]));
    }
  }
  return points;
}
