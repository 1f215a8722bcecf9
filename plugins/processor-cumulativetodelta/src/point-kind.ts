import type { DataPointView } from '@millrace/otlp';
import {
  type Difference,
  doubleDifference,
  exponentialDifference,
  type ExponentialValue,
  histogramDifference,
  type HistogramValue,
  integerDifference,
} from './difference.ts';

/** How the values of one kind of data point are read, compared and written. */
export interface PointKind<P extends DataPointView, V> {
  /** Tells series of different kinds apart. */
  readonly code: string;
  read(point: P): V;
  difference(value: V, last: V): Difference<V>;
  write(point: P, delta: V): void;
}

type Point<T extends DataPointView['type']> = Extract<DataPointView, { readonly type: T }>;

export const INTEGER: PointKind<Point<'number'>, bigint> = {
  code: 'i',
  read: ({ value }) => BigInt(value ?? 0),
  difference: integerDifference,
  write: (point, delta) => void (point.asInt = delta),
};

export const DOUBLE: PointKind<Point<'number'>, number> = {
  code: 'd',
  read: ({ value }) => Number(value),
  difference: doubleDifference,
  write: (point, delta) => void (point.asDouble = delta),
};

export const HISTOGRAM: PointKind<Point<'histogram'>, HistogramValue> = {
  code: 'h',
  read: ({ count, sum, bucketCounts, explicitBounds }) => ({
    count: BigInt(count),
    sum: knownSum(sum),
    bucketCounts,
    bounds: explicitBounds,
  }),
  difference: histogramDifference,
  write(point, delta) {
    point.count = delta.count;
    point.bucketCounts = delta.bucketCounts;
    writeSum(point, delta.sum);
  },
};

export const EXPONENTIAL: PointKind<Point<'exponentialHistogram'>, ExponentialValue> = {
  code: 'e',
  read: ({ count, sum, scale, zeroCount, zeroThreshold, positive, negative }) => ({
    count: BigInt(count),
    sum: knownSum(sum),
    scale,
    zeroCount: BigInt(zeroCount),
    zeroThreshold,
    positive: { offset: positive.offset, counts: positive.bucketCounts },
    negative: { offset: negative.offset, counts: negative.bucketCounts },
  }),
  difference: exponentialDifference,
  write(point, delta) {
    point.count = delta.count;
    point.zeroCount = delta.zeroCount;
    // What a point does not have, it is not given.
    if (delta.positive.counts.length > 0) point.positive.bucketCounts = delta.positive.counts;
    if (delta.negative.counts.length > 0) point.negative.bucketCounts = delta.negative.counts;
    writeSum(point, delta.sum);
  },
};

function knownSum(sum: number | undefined): number | undefined {
  return Number.isNaN(sum) ? undefined : sum;
}

/** A sum that is not a number stays so. The extremes are of all time, not of the delta. */
function writeSum(
  point: { sum: number | undefined; min: number | undefined; max: number | undefined },
  delta: number | undefined,
): void {
  if (knownSum(point.sum) !== undefined) point.sum = delta;
  point.min = undefined;
  point.max = undefined;
}
