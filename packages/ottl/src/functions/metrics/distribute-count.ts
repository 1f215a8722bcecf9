/** A bucket of a histogram: above `lower`, up to `upper`. */
export interface SourceBucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: bigint;
}

/** Adds a bucket's count to `counts`, which has one entry more than there are bounds: for what is above the last. */
export type Distribute = (bucket: SourceBucket, bounds: readonly number[], counts: bigint[]) => void;

const TWO_64 = 2n ** 64n;

/** The ways to deal out the counts. `random` gives 64 bits. Throws for names of none. */
export function distributionNamed(name: string, random: () => bigint): Distribute {
  switch (name) {
    case 'upper':
      return ({ upper, count }, bounds, counts) => void (counts[bucketOf(upper, bounds)] += count);
    case 'midpoint':
      return ({ lower, upper, count }, bounds, counts) =>
        void (counts[bucketOf(lower / 2 + upper / 2, bounds)] += count);
    case 'uniform':
      return (bucket, bounds, counts) => byOverlap(bucket, bounds, counts, TWO_64 - 1n);
    case 'random':
      return (bucket, bounds, counts) => byOverlap(bucket, bounds, counts, random());
    default:
      throw new Error(`there is no distribution ${name}: use upper, midpoint, uniform or random`);
  }
}

/** The first bucket whose bound is not below the value. */
function bucketOf(value: number, bounds: readonly number[]): number {
  const at = bounds.findIndex((bound) => value <= bound);
  return at < 0 ? bounds.length : at;
}

/**
 * To each bucket its share by width. Shares are rounded as running totals, so that their sum is the count: `rounding`, 64 bits
 * behind the point, is added before the fraction is cut off.
 */
function byOverlap(
  { lower, upper, count }: SourceBucket,
  bounds: readonly number[],
  counts: bigint[],
  rounding: bigint,
): void {
  const last = bucketOf(upper, bounds);
  let covered = 0;
  let given = 0n;
  for (let i = bucketOf(lower, bounds); i < last; i++) {
    covered += (bounds[i] - Math.max(lower, bounds[i - 1] ?? -Infinity)) / (upper - lower);
    const share = BigInt(Math.trunc(Math.min(covered, 1) * 2 ** 64));
    const total = (count * share + rounding) / TWO_64;
    if (total <= given) continue;
    counts[i] += total - given;
    given = total;
  }
  counts[last] += count - given;
}
