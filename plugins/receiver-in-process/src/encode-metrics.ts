import type { ByteWriter } from '@millrace/otlp';
import type { GaugeInput, HistogramInput, MetricInput, Origin, SumInput } from './input.ts';
import { eachRecord, oneOf, type RecordKind, unixNano } from './record-fields.ts';
import { writeAttributes, writeRequest, writeText } from './wire-fields.ts';

/** Of a metric, by its type. */
const DATA_FIELDS = { gauge: 5, sum: 7, histogram: 9 } as const;
const TEMPORALITIES = { delta: 1, cumulative: 2 } as const;

type AllFields = keyof GaugeInput | keyof SumInput | keyof HistogramInput;
const FIELDS: Readonly<Record<AllFields, true>> = {
  type: true,
  name: true,
  unit: true,
  description: true,
  attributes: true,
  time: true,
  start: true,
  value: true,
  temporality: true,
  monotonic: true,
  count: true,
  sum: true,
  min: true,
  max: true,
  bounds: true,
  counts: true,
};
const KIND: RecordKind = { what: 'metric', fields: new Set(Object.keys(FIELDS)) };

/** Writes plain data points as OTLP; those of one metric are put together. */
export function encodeMetrics(out: ByteWriter, records: readonly MetricInput[], origin: Origin): void {
  const now = unixNano(Date.now());
  const metrics = new Map<string, [number, MetricInput][]>();
  eachRecord(KIND, records.entries(), (record, index) => {
    const key = identityOf(record);
    const points = metrics.get(key);
    if (points === undefined) metrics.set(key, [[index, record]]);
    else points.push([index, record]);
  });
  writeRequest(out, origin, () => {
    for (const points of metrics.values()) writeMetric(out, points, now);
  });
}

/** What points of one metric have in common. */
function identityOf(point: MetricInput): string {
  const { type, name, unit, description } = point;
  const temporality = type === 'gauge' ? undefined : point.temporality;
  return JSON.stringify([type, name, unit, description, temporality, type === 'sum' ? point.monotonic : undefined]);
}

function writeMetric(out: ByteWriter, points: readonly [number, MetricInput][], now: bigint): void {
  const metric = out.openField(2);
  let data: number | undefined;
  eachRecord(KIND, points, (point) => {
    data ??= openData(out, point);
    const mark = out.openField(1);
    if (point.start !== undefined) out.fixed64Field(2, unixNano(point.start));
    out.fixed64Field(3, point.time === undefined ? now : unixNano(point.time));
    if (point.type === 'histogram') writeHistogramPoint(out, point);
    else writeNumberPoint(out, point);
    out.close(mark);
  });
  if (data !== undefined) out.close(data);
  out.close(metric);
}

/** Writes what a metric has beside its points. */
function openData(out: ByteWriter, point: MetricInput): number {
  const { type, name, unit, description } = point;
  const field = oneOf('type', type, DATA_FIELDS);
  writeText(out, 1, 'name', name);
  if (description !== undefined) writeText(out, 2, 'description', description);
  if (unit !== undefined) writeText(out, 3, 'unit', unit);
  const data = out.openField(field);
  if (type !== 'gauge') out.uint32Field(2, oneOf('temporality', point.temporality, TEMPORALITIES));
  if (type === 'sum') out.boolField(3, point.monotonic ?? true);
  return data;
}

function writeNumberPoint(out: ByteWriter, { value, attributes }: GaugeInput | SumInput): void {
  if (typeof value === 'bigint') out.fixed64Field(6, int64(value));
  else if (typeof value === 'number') out.doubleField(4, value);
  else throw new TypeError(`${String(value)} is no number`);
  writeAttributes(out, 7, attributes);
}

function writeHistogramPoint(out: ByteWriter, point: HistogramInput): void {
  const { count, sum, min, max, bounds, counts, attributes } = point;
  if ((counts?.length ?? 0) !== (bounds === undefined ? 0 : bounds.length + 1)) {
    throw new RangeError(`it has ${bounds?.length ?? 0} bounds and ${counts?.length ?? 0} counts: one more is needed`);
  }
  out.fixed64Field(4, countOf(count));
  if (sum !== undefined) out.doubleField(5, sum);
  if (counts !== undefined) {
    const mark = out.openField(6);
    for (const each of counts) out.fixed64(countOf(each));
    out.close(mark);
  }
  if (bounds !== undefined) {
    const mark = out.openField(7);
    for (const bound of bounds) out.double(bound);
    out.close(mark);
  }
  writeAttributes(out, 9, attributes);
  if (min !== undefined) out.doubleField(11, min);
  if (max !== undefined) out.doubleField(12, max);
}

function int64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new RangeError(`${value} does not fit into 64 bits`);
}

function countOf(value: number | bigint): number | bigint {
  if (typeof value === 'bigint' ? value >= 0n && value < 2n ** 64n : Number.isSafeInteger(value) && value >= 0) {
    return value;
  }
  throw new RangeError(`${value} is no count`);
}
