/** A bucket of an exponential histogram: above `lower`, up to `upper`. */
export interface SourceBucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: bigint;
}

/** Adds a bucket's count to `counts`, which has one entry more than there are bounds: for what is above the last. */
export type Distribute = (bucket: SourceBucket, bounds: readonly number[], counts: bigint[]) => void;

/** A number from 0 to 1, never 1. */
export type Random = () => number;

/** The ways to deal out the counts. Throws for names of none. */
export function distributionNamed(name: string, random: Random): Distribute {
  switch (name) {
    case 'upper':
      return ({ upper, count }, bounds, counts) => void (counts[bucketOf(upper, bounds)] += count);
    case 'midpoint':
      return ({ lower, upper, count }, bounds, counts) => void (counts[bucketOf((lower + upper) / 2, bounds)] += count);
    case 'uniform':
      return uniform;
    case 'random':
      return (bucket, bounds, counts) => atRandom(bucket, bounds, counts, random);
    default:
      throw new Error(`there is no distribution ${name}: use upper, midpoint, uniform or random`);
  }
}

/** The first bucket whose bound is not below the value. */
function bucketOf(value: number, bounds: readonly number[]): number {
  const at = bounds.findIndex((bound) => value <= bound);
  return at < 0 ? bounds.length : at;
}

/** Even shares to all buckets that the source touches; what is left over goes to the first ones. */
function uniform({ lower, upper, count }: SourceBucket, bounds: readonly number[], counts: bigint[]): void {
  const first = bucketOf(lower, bounds);
  const last = bucketOf(upper, bounds);
  const buckets = BigInt(last - first + 1);
  for (let i = first; i <= last; i++) counts[i] += count / buckets + (BigInt(i - first) < count % buckets ? 1n : 0n);
}

/** To each bucket a random part of its share by width; the rest is dealt out at random, too. */
function atRandom(
  { lower, upper, count }: SourceBucket,
  bounds: readonly number[],
  counts: bigint[],
  random: Random,
): void {
  const first = bucketOf(lower, bounds);
  const last = bucketOf(upper, bounds);
  let left = count;
  for (let i = first; i < last; i++) {
    const from = i === 0 ? lower : Math.max(bounds[i - 1], lower);
    const share = ((Math.min(bounds[i], upper) - from) / (upper - lower)) * Number(count);
    left -= give(counts, i, share * random(), left);
  }
  for (let i = first; i < last; i++) left -= give(counts, i, Number(left) * random(), left);
  counts[last] += left;
}

function give(counts: bigint[], at: number, share: number, left: bigint): bigint {
  const wanted = BigInt(Math.max(0, Math.floor(share)));
  const given = wanted > left ? left : wanted;
  counts[at] += given;
  return given;
}
