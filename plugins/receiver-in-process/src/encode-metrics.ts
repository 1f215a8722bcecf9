import { type DataPointTypes, MetricsBuilder, type NewMetricsScope } from '@millrace/otlp';
import type { GaugeInput, HistogramInput, MetricInput, Origin, SumInput } from './input.ts';
import { eachRecord, oneOf, openScope, type RecordKind, setAttributes, unixNano } from './record-fields.ts';

const TYPES = { gauge: 0, sum: 0, histogram: 0 } as const;
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

/** OTLP of plain data points. */
export function encodeMetrics(records: readonly MetricInput[], origin: Origin): Uint8Array {
  const builder = new MetricsBuilder();
  const scope = openScope(builder, origin);
  const now = unixNano(Date.now());
  // A metric is complete when the next one begins: its points have to be known by then.
  const metrics = new Map<string, [number, MetricInput][]>();
  eachRecord(KIND, records.entries(), (record, index) => {
    const key = identityOf(record);
    const points = metrics.get(key);
    if (points === undefined) metrics.set(key, [[index, record]]);
    else points.push([index, record]);
  });
  for (const points of metrics.values()) writeMetric(scope, points, now);
  return builder.toBytes();
}

/** What points of one metric have in common. */
function identityOf(point: MetricInput): string {
  const { type, name, unit, description } = point;
  const temporality = type === 'gauge' ? undefined : point.temporality;
  return JSON.stringify([type, name, unit, description, temporality, type === 'sum' ? point.monotonic : undefined]);
}

function writeMetric(scope: NewMetricsScope, points: readonly [number, MetricInput][], now: bigint): void {
  let metric: ReturnType<typeof openMetric> | undefined;
  eachRecord(KIND, points, (point) => {
    metric ??= openMetric(scope, point);
    const to = metric.addDataPoint();
    to.timeUnixNano = point.time === undefined ? now : unixNano(point.time);
    if (point.start !== undefined) to.startTimeUnixNano = unixNano(point.start);
    setAttributes(to.attributes, point.attributes);
    if (point.type === 'histogram') writeHistogram(to as DataPointTypes['histogram'], point);
    else writeNumber(to as DataPointTypes['sum'], point.value);
  });
}

function openMetric(scope: NewMetricsScope, point: MetricInput) {
  const { type, name, unit, description } = point;
  oneOf('type', type, TYPES);
  const metric = scope.addMetric(type);
  metric.name = name;
  if (unit !== undefined) metric.unit = unit;
  if (description !== undefined) metric.description = description;
  if (type !== 'gauge') metric.aggregationTemporality = oneOf('temporality', point.temporality, TEMPORALITIES);
  if (type === 'sum') metric.isMonotonic = point.monotonic ?? true;
  return metric;
}

function writeNumber(to: DataPointTypes['sum'], value: number | bigint): void {
  if (typeof value === 'bigint') to.asInt = value;
  else if (typeof value === 'number') to.asDouble = value;
  else throw new TypeError(`${String(value)} is no number`);
}

function writeHistogram(to: DataPointTypes['histogram'], point: HistogramInput): void {
  const { count, sum, min, max, bounds, counts } = point;
  if ((counts?.length ?? 0) !== (bounds === undefined ? 0 : bounds.length + 1)) {
    throw new RangeError(`it has ${bounds?.length ?? 0} bounds and ${counts?.length ?? 0} counts: one more is needed`);
  }
  to.count = count;
  if (sum !== undefined) to.sum = sum;
  if (min !== undefined) to.min = min;
  if (max !== undefined) to.max = max;
  if (bounds === undefined || counts === undefined) return;
  to.explicitBounds = bounds;
  to.bucketCounts = counts;
}
