import type { DataPointView, MetricView } from '@millrace/otlp';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { aggregateNumbers, type Aggregation } from './aggregate-numbers.ts';
import { addHistogram, bucketsKey, histogramOf, writeHistogram, type HistogramSum } from './histogram-sum.ts';

interface Group {
  /** Which of the metric's data points is the first in the group; it stays, with the result. */
  readonly first: number;
  startTimeUnixNano: bigint;
  readonly numbers: (bigint | number)[];
  histogram: HistogramSum | undefined;
}

const DELTA = 1;

/**
 * Makes one data point of all that have the same attributes and time (and start, for deltas; and buckets, for histograms).
 * Throws OttlRuntimeError for metrics that cannot be aggregated so.
 */
export function aggregatePoints(metric: MetricView, aggregation: Aggregation): void {
  const groups = new Map<string, Group>();
  const isDelta = metric.aggregationTemporality === DELTA;
  let index = 0;
  for (const point of metric.dataPoints) {
    const key = keyOf(point, isDelta);
    let group = groups.get(key);
    if (group === undefined) {
      group = { first: index, startTimeUnixNano: point.startTimeUnixNano, numbers: [], histogram: undefined };
      groups.set(key, group);
    }
    addPoint(group, point);
    index++;
  }
  if (groups.size === index && aggregation !== 'count') return;
  const firsts = new Map([...groups.values()].map((group) => [group.first, group]));
  index = 0;
  for (const point of metric.dataPoints) {
    const group = firsts.get(index++);
    if (group === undefined) point.drop();
    else writeGroup(point, group, aggregation);
  }
}

/** Throws for metrics that cannot be aggregated so: before anything is changed. */
export function checkAggregation(metric: MetricView, aggregation: Aggregation): void {
  const { type } = metric;
  if (type === 'summary' || type === 'empty') throw new OttlRuntimeError(`cannot aggregate a metric of type ${type}`);
  if (type !== 'gauge' && type !== 'sum' && aggregation !== 'sum')
    throw new OttlRuntimeError(`cannot aggregate a metric of type ${type} by ${aggregation}: only by sum`);
}

function keyOf(point: DataPointView, isDelta: boolean): string {
  const attributes = Array.from(point.attributes.keys(), (key) =>
    JSON.stringify([key, Buffer.from(point.attributes.raw(key)!).toString('base64')]),
  );
  const start = isDelta ? point.startTimeUnixNano : '';
  return `${attributes.sort().join(',')};${point.timeUnixNano};${start};${bucketsKey(point)}`;
}

function addPoint(group: Group, point: DataPointView): void {
  if (point.startTimeUnixNano < group.startTimeUnixNano) group.startTimeUnixNano = point.startTimeUnixNano;
  if (point.type === 'number') {
    const { value, valueKind } = point;
    if (value !== undefined) group.numbers.push(valueKind === 'int' ? BigInt(value) : Number(value));
  } else if (point.type !== 'summary') {
    if (group.histogram === undefined) group.histogram = histogramOf(point);
    else addHistogram(group.histogram, point);
  }
}

function writeGroup(point: DataPointView, group: Group, aggregation: Aggregation): void {
  point.startTimeUnixNano = group.startTimeUnixNano;
  if (point.type === 'number') {
    if (group.numbers.length === 0) return;
    const value = aggregateNumbers(group.numbers, aggregation);
    if (typeof value === 'bigint') point.asInt = value;
    else point.asDouble = value;
  } else if (point.type !== 'summary' && group.histogram !== undefined) {
    writeHistogram(point, group.histogram);
  }
}
