import type { ExponentialHistogramDataPointView, HistogramDataPointView } from '@millrace/otlp';
import { OttlRuntimeError } from '../../ottl-error.ts';

/** The value below which this share (0 to 1) of a histogram lies, by even steps within a bucket. Undefined for an empty one. */
export function histogramPercentile(point: HistogramDataPointView, share: number): number | undefined {
  const { bucketCounts: counts, explicitBounds: bounds, min, max } = point;
  if (Number(point.count) === 0 || counts.length === 0) return undefined;
  if (counts.length !== bounds.length + 1)
    throw new OttlRuntimeError(`${bounds.length} bounds do not fit ${counts.length} buckets`);
  // One bucket for all says nothing without its ends.
  if (bounds.length === 0 && (min === undefined || max === undefined)) return undefined;
  const target = Math.ceil(Number(point.count) * share);
  let before = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = Number(counts[i]);
    if (before + count >= target && count > 0) {
      const lower = i > 0 ? bounds[i - 1] : (min ?? Math.min(0, bounds[0]));
      const upper = bounds[i] ?? Math.max(max ?? lower, lower);
      return lower + ((target - before) / count) * (upper - lower);
    }
    before += count;
  }
  throw new OttlRuntimeError(`the buckets hold ${before} of ${point.count} values: too few for the percentile`);
}

/** The same of an exponential histogram, by even factors within a bucket. */
export function exponentialPercentile(point: ExponentialHistogramDataPointView, share: number): number | undefined {
  const negative = point.negative.bucketCounts;
  const positive = point.positive.bucketCounts;
  const zeroCount = Number(point.zeroCount);
  if (Number(point.count) === 0 || negative.length + positive.length + zeroCount === 0) return undefined;
  const target = Math.ceil(Number(point.count) * share);
  const exponentOf = (index: number): number => index * 2 ** -point.scale;
  let before = 0;
  // From the lowest value up: the last negative bucket lies furthest from zero.
  for (let i = negative.length - 1; i >= 0; i--) {
    const count = Number(negative[i]);
    const index = point.negative.offset + i;
    if (before + count >= target && count > 0)
      return -(2 ** between(exponentOf(index + 1), exponentOf(index), (target - before) / count));
    before += count;
  }
  if (before + zeroCount >= target && zeroCount > 0) {
    const lower = negative.length === 0 && positive.length > 0 ? 0 : -point.zeroThreshold;
    const upper = positive.length === 0 && negative.length > 0 ? 0 : point.zeroThreshold;
    return between(lower, upper, (target - before) / zeroCount);
  }
  before += zeroCount;
  for (let i = 0; i < positive.length; i++) {
    const count = Number(positive[i]);
    const index = point.positive.offset + i;
    if (before + count >= target && count > 0)
      return 2 ** between(exponentOf(index), exponentOf(index + 1), (target - before) / count);
    before += count;
  }
  throw new OttlRuntimeError(`the buckets hold ${before} of ${point.count} values: too few for the percentile`);
}

function between(from: number, to: number, ratio: number): number {
  return from + ratio * (to - from);
}
