import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Buckets,
  doubleDifference,
  exponentialDifference,
  type ExponentialValue,
  histogramDifference,
  integerDifference,
} from './difference.ts';

describe('integers', () => {
  test.each([
    [10n, 3n, 7n],
    [9_223_372_036_854_775_807n, 9_223_372_036_854_775_806n, 1n],
    [9_007_199_254_740_993n, 9_007_199_254_740_992n, 1n],
    [5n, 5n, 0n],
  ])('%d after %d is %d more, exactly', (value, last, delta) => {
    expect(integerDifference(value, last)).toEqual({ is: 'delta', delta });
  });

  test('less than before is a reset', () => {
    expect(integerDifference(1n, 2n)).toEqual({ is: 'reset', delta: undefined });
    expect(doubleDifference(1, 2)).toEqual({ is: 'reset', delta: undefined });
  });
});

describe('histograms', () => {
  const value = (count: bigint, bucketCounts: bigint[], sum: number | undefined = 1, bounds = [1, 2]) => ({
    count,
    sum,
    bucketCounts,
    bounds,
  });

  test('are compared bucket by bucket', () => {
    const difference = histogramDifference(value(10n, [3n, 3n, 4n], 20), value(6n, [3n, 2n, 1n], 15));
    expect(difference).toEqual({ is: 'delta', delta: value(4n, [0n, 1n, 3n], 5) });
  });

  test('of other buckets cannot be compared', () => {
    expect(histogramDifference(value(9n, [9n, 0n]), value(1n, [1n, 0n, 0n])).is).toBe('bucket_mismatch');
    expect(histogramDifference(value(9n, [9n, 0n, 0n], 1, [1, 3]), value(1n, [1n, 0n, 0n])).is).toBe('bucket_mismatch');
  });

  test('after a reset count from zero', () => {
    const now = value(2n, [1n, 1n, 0n], 3);
    expect(histogramDifference(now, value(6n, [3n, 2n, 1n]))).toEqual({ is: 'reset', delta: now });
    expect(histogramDifference(value(7n, [1n, 3n, 3n]), value(6n, [3n, 2n, 1n])).is).toBe('reset');
  });
});

describe('exponential histograms', () => {
  const buckets = (offset: number, ...counts: number[]): Buckets => ({ offset, counts: counts.map(BigInt) });
  const value = (more: Partial<ExponentialValue>): ExponentialValue => {
    const all = {
      sum: 0,
      scale: 0,
      zeroCount: 0n,
      zeroThreshold: 0,
      positive: buckets(0),
      negative: buckets(0),
      ...more,
    };
    const count = [...all.positive.counts, ...all.negative.counts].reduce((sum, each) => sum + each, all.zeroCount);
    return { count, ...all };
  };

  test('are compared bucket by bucket, wherever they begin', () => {
    const last = value({ positive: buckets(2, 1, 1), zeroCount: 1n, sum: 5 });
    const now = value({ positive: buckets(0, 1, 0, 3, 1), zeroCount: 2n, sum: 9 });
    expect(exponentialDifference(now, last)).toEqual({
      is: 'delta',
      delta: { ...now, count: 4n, sum: 4, zeroCount: 1n, positive: buckets(0, 1, 0, 2, 0) },
    });
  });

  test('that became coarser are compared in the coarser buckets', () => {
    const last = value({ scale: 1, positive: buckets(-1, 1, 2, 4), negative: buckets(3, 8) });
    const now = value({ scale: 0, positive: buckets(-1, 2, 7), negative: buckets(1, 8) });
    expect(exponentialDifference(now, last)).toMatchObject({
      is: 'delta',
      delta: { count: 2n, positive: buckets(-1, 1, 1), negative: buckets(1, 0) },
    });
  });

  test('whose zero bucket became wider are compared with what it then holds', () => {
    // Up to 2^2 = 4 at scale 0: the buckets 0 (1, 2] and 1 (2, 4].
    const last = value({ positive: buckets(0, 1, 2, 4), zeroCount: 1n });
    const now = value({ positive: buckets(2, 5), zeroCount: 6n, zeroThreshold: 4 });
    expect(exponentialDifference(now, last)).toMatchObject({
      is: 'delta',
      delta: { count: 3n, zeroCount: 2n, positive: buckets(2, 1) },
    });
  });

  test.each([
    ['fewer values', value({ zeroCount: 1n }), value({ zeroCount: 2n })],
    ['a finer scale', value({ scale: 1, zeroCount: 9n }), value({ scale: 0, zeroCount: 2n })],
    ['a narrower zero bucket', value({ zeroCount: 9n }), value({ zeroCount: 2n, zeroThreshold: 1 })],
    ['a bucket that lost values', value({ positive: buckets(0, 1, 9) }), value({ positive: buckets(0, 2) })],
    ['a bucket that is gone', value({ positive: buckets(1, 9) }), value({ positive: buckets(0, 2) })],
  ])('are taken for reset with %s', (_, now, last) => {
    expect(exponentialDifference(now, last)).toEqual({ is: 'reset', delta: undefined });
  });

  test('last plus delta is now, at every scale', () => {
    const observations = fc.array(fc.integer({ min: -40, max: 40 }), { maxLength: 30 });
    fc.assert(
      fc.property(observations, observations, fc.nat(6), (before, later, bits) => {
        const at = (indices: readonly number[], shift: number) => {
          const shifted = indices.map((index) => index >> shift);
          const first = shifted.length === 0 ? 0 : Math.min(...shifted);
          const counts: number[] = [];
          for (const index of shifted) counts[index - first] = (counts[index - first] ?? 0) + 1;
          return buckets(first, ...Array.from(counts, (count) => count ?? 0));
        };
        const last = value({ scale: 6, positive: at(before, 0) });
        const now = value({ scale: 6 - bits, positive: at([...before, ...later], bits) });
        const difference = exponentialDifference(now, last);
        const expected = new Map<number, bigint>();
        for (const index of later) expected.set(index >> bits, (expected.get(index >> bits) ?? 0n) + 1n);
        const { offset, counts } = (difference as { delta: ExponentialValue }).delta.positive;
        const found = counts.flatMap((count, i) => (count === 0n ? [] : [[offset + i, count] as const]));
        expect(new Map(found)).toEqual(expected);
      }),
    );
  });
});
