import type { DataPointView, ExponentialHistogramDataPointView, HistogramDataPointView } from '@millrace/otlp';

type AnyHistogram = HistogramDataPointView | ExponentialHistogramDataPointView;

/** The sum of histograms with the same bounds, or the same scale and offsets. */
export interface HistogramSum {
  count: bigint;
  zeroCount: bigint;
  sum: number | undefined;
  min: number | undefined;
  max: number | undefined;
  /** One list for a histogram; the positive and the negative one for an exponential histogram. */
  readonly counts: readonly bigint[][];
}

/** What has to be the same in histograms that are summed up; '' for numbers. */
export function bucketsKey(point: DataPointView): string {
  if (point.type !== 'histogram' && point.type !== 'exponentialHistogram') return '';
  const shared = [point.min === undefined, point.max === undefined, point.flags];
  if (point.type === 'histogram') return JSON.stringify([...shared, ...point.explicitBounds.map(String)]);
  return JSON.stringify([...shared, point.scale, point.positive.offset, point.negative.offset]);
}

export function histogramOf(point: AnyHistogram): HistogramSum {
  return {
    count: BigInt(point.count),
    zeroCount: point.type === 'exponentialHistogram' ? BigInt(point.zeroCount) : 0n,
    sum: point.sum,
    min: point.min,
    max: point.max,
    counts: countsOf(point),
  };
}

export function addHistogram(total: HistogramSum, point: AnyHistogram): void {
  const added = histogramOf(point);
  if (added.count === 0n) return;
  total.count += added.count;
  total.zeroCount += added.zeroCount;
  if (added.sum !== undefined) total.sum = (total.sum ?? 0) + added.sum;
  if (total.min !== undefined && added.min !== undefined) total.min = Math.min(total.min, added.min);
  if (total.max !== undefined && added.max !== undefined) total.max = Math.max(total.max, added.max);
  for (const [side, counts] of added.counts.entries())
    for (const [i, count] of counts.entries()) total.counts[side][i] = (total.counts[side][i] ?? 0n) + count;
}

export function writeHistogram(point: AnyHistogram, total: HistogramSum): void {
  point.count = total.count;
  point.sum = total.sum;
  point.min = total.min;
  point.max = total.max;
  if (point.type === 'histogram') {
    point.bucketCounts = total.counts[0];
    return;
  }
  point.zeroCount = total.zeroCount;
  // An empty side stays away, so that the message does not grow.
  if (total.counts[0].length > 0) point.positive.bucketCounts = total.counts[0];
  if (total.counts[1].length > 0) point.negative.bucketCounts = total.counts[1];
}

function countsOf(point: AnyHistogram): readonly bigint[][] {
  if (point.type === 'histogram') return [point.bucketCounts];
  return [point.positive.bucketCounts, point.negative.bucketCounts];
}
