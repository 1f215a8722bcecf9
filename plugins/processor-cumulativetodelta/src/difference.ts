/** What became of a value since another one of the same series. */
export type Difference<V> =
  | { readonly is: 'delta'; readonly delta: V }
  /** It counts from zero again. `delta`: what it is known to have counted since; undefined: the point says nothing. */
  | { readonly is: 'reset'; readonly delta: V | undefined }
  /** Buckets with other bounds cannot be compared. */
  | { readonly is: 'bucket_mismatch' };

const RESET = { is: 'reset', delta: undefined } as const;

export function integerDifference(value: bigint, last: bigint): Difference<bigint> {
  return value < last ? RESET : { is: 'delta', delta: BigInt.asIntN(64, value - last) };
}

export function doubleDifference(value: number, last: number): Difference<number> {
  return value < last ? RESET : { is: 'delta', delta: value - last };
}

export interface HistogramValue {
  readonly count: bigint;
  /** Undefined where points have none. */
  readonly sum: number | undefined;
  readonly bucketCounts: readonly bigint[];
  readonly bounds: readonly number[];
}

/** As in the Collector, what a histogram shows after a reset counts as its delta. */
export function histogramDifference(value: HistogramValue, last: HistogramValue): Difference<HistogramValue> {
  if (!sameLength(value.bucketCounts, last.bucketCounts) || !sameBounds(value.bounds, last.bounds)) {
    return { is: 'bucket_mismatch' };
  }
  const count = value.count - last.count;
  const bucketCounts = value.bucketCounts.map((each, i) => each - last.bucketCounts[i]);
  if (count < 0n || bucketCounts.some((each) => each < 0n)) return { is: 'reset', delta: value };
  return { is: 'delta', delta: { ...value, count, bucketCounts, sum: sumDifference(value.sum, last.sum) } };
}

function sumDifference(sum: number | undefined, last: number | undefined): number | undefined {
  return sum === undefined ? undefined : sum - (last ?? 0);
}

function sameLength(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length;
}

function sameBounds(a: readonly number[], b: readonly number[]): boolean {
  return sameLength(a, b) && a.every((bound, i) => bound === b[i]);
}

/** Counts of the buckets from `offset` on. */
export interface Buckets {
  readonly offset: number;
  readonly counts: readonly bigint[];
}

export interface ExponentialValue {
  readonly count: bigint;
  readonly sum: number | undefined;
  readonly scale: number;
  readonly zeroCount: bigint;
  readonly zeroThreshold: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
}

/** A cumulative histogram only ever gets coarser, and its zero bucket wider: the last point is brought to its resolution. */
export function exponentialDifference(value: ExponentialValue, last: ExponentialValue): Difference<ExponentialValue> {
  if (value.count < last.count || value.zeroThreshold < last.zeroThreshold || value.scale > last.scale) return RESET;
  const before = coarser(widerZero(last, value.zeroThreshold), value.scale);
  const zeroCount = value.zeroCount - before.zeroCount;
  const positive = bucketsDifference(value.positive, before.positive);
  const negative = bucketsDifference(value.negative, before.negative);
  if (zeroCount < 0n || positive === undefined || negative === undefined) return RESET;
  const count = value.count - last.count;
  const sum = sumDifference(value.sum, last.sum);
  return { is: 'delta', delta: { ...value, count, sum, zeroCount, positive, negative } };
}

/** Moves the buckets below a threshold into the zero bucket. */
function widerZero(value: ExponentialValue, zeroThreshold: number): ExponentialValue {
  if (zeroThreshold <= value.zeroThreshold) return value;
  // Bucket i holds what is above base^i and not above base^(i + 1), where base is 2^(2^-scale).
  const last = Math.ceil(Math.log2(zeroThreshold) * 2 ** value.scale) - 1;
  const positive = withoutUpTo(value.positive, last);
  const negative = withoutUpTo(value.negative, last);
  return {
    ...value,
    zeroThreshold,
    zeroCount: value.zeroCount + total(value.positive) - total(positive) + total(value.negative) - total(negative),
    positive,
    negative,
  };
}

function withoutUpTo({ offset, counts }: Buckets, last: number): Buckets {
  const removed = Math.min(Math.max(last - offset + 1, 0), counts.length);
  return { offset: offset + removed, counts: counts.slice(removed) };
}

function total({ counts }: Buckets): bigint {
  return counts.reduce((sum, count) => sum + count, 0n);
}

function coarser(value: ExponentialValue, scale: number): ExponentialValue {
  const bits = value.scale - scale;
  if (bits === 0) return value;
  return { ...value, scale, positive: merged(value.positive, bits), negative: merged(value.negative, bits) };
}

/** Puts 2^bits neighbours into one bucket. */
function merged({ offset, counts }: Buckets, bits: number): Buckets {
  const shift = Math.min(bits, 31);
  const first = offset >> shift;
  const merging: bigint[] = [];
  counts.forEach((count, i) => {
    const index = ((offset + i) >> shift) - first;
    merging[index] = (merging[index] ?? 0n) + count;
  });
  return { offset: first, counts: merging };
}

/** Undefined where a bucket has become smaller. */
function bucketsDifference(value: Buckets, last: Buckets): Buckets | undefined {
  const counts = [...value.counts];
  for (const [i, before] of last.counts.entries()) {
    if (before === 0n) continue;
    const index = last.offset + i - value.offset;
    const count = counts[index];
    if (count === undefined || count < before) return undefined;
    counts[index] = count - before;
  }
  return { offset: value.offset, counts };
}
