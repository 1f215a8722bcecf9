import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BucketTable } from './bucket-table.ts';
import { TokenBucket } from './token-bucket.ts';

describe('a bucket', () => {
  test('fills at its rate, up to the burst', () => {
    const bucket = new TokenBucket({ tokensPerMs: 0.01, burst: 5 }, 0);
    expect([bucket.isFull, bucket.has(5)]).toEqual([true, true]);
    bucket.take(5);
    bucket.refill(99);
    expect(bucket.has(1)).toBe(false);
    expect(bucket.waitMs(1)).toBe(1);
    bucket.refill(100);
    expect([bucket.has(1), bucket.has(2), bucket.waitMs(2)]).toEqual([true, false, 100]);
    bucket.refill(1_000_000);
    expect([bucket.isFull, bucket.waitMs(5)]).toEqual([true, 0]);
  });

  test('lets through what is larger than the burst once it is full, and pays it off', () => {
    const bucket = new TokenBucket({ tokensPerMs: 1, burst: 10 }, 0);
    bucket.take(1);
    expect([bucket.has(25), bucket.waitMs(25)]).toEqual([false, 1]);
    bucket.refill(1);
    expect(bucket.has(25)).toBe(true);
    bucket.take(25);
    expect(bucket.waitMs(1)).toBe(16);
    bucket.refill(17);
    expect(bucket.has(1)).toBe(true);
  });

  test('does not fill when the clock goes back, and takes back no more than fits', () => {
    const bucket = new TokenBucket({ tokensPerMs: 1, burst: 2 }, 100);
    bucket.take(2);
    bucket.refill(50);
    bucket.refill(101);
    expect([bucket.has(1), bucket.has(2)]).toEqual([true, false]);
    bucket.giveBack(100);
    expect([bucket.has(2), bucket.isFull]).toEqual([true, true]);
    bucket.take(3);
    expect(bucket.waitMs(2)).toBe(3);
  });

  test('never gives more than the burst and the rate allow, whatever the order of things', () => {
    const step = fc.record({ waitMs: fc.integer({ min: 0, max: 500 }), tokens: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const bucket = new TokenBucket({ tokensPerMs: 0.05, burst: 20 }, 0);
        let [nowMs, given] = [0, 0];
        for (const { waitMs, tokens } of steps) {
          bucket.refill((nowMs += waitMs));
          if (!bucket.has(tokens)) continue;
          bucket.take(tokens);
          given += tokens;
          expect(given).toBeLessThanOrEqual(20 + nowMs * 0.05 + 1e-6);
        }
      }),
    );
  });
});

describe('a table', () => {
  const tableOf = (keysMax: number) => {
    const clock = { nowMs: 0 };
    const table = new BucketTable({ rate: { tokensPerMs: 0.001, burst: 2 }, keysMax, now: () => clock.nowMs });
    return { clock, table };
  };

  test('keeps a bucket for each key', () => {
    const { table } = tableOf(3);
    table.begin();
    table.of('a').take(2);
    expect([table.of('a').has(1), table.of('b').has(2), table.size]).toEqual([false, true, 2]);
  });

  test('gives keys without room a common bucket, until the one idle for longest is full again', () => {
    const { table, clock } = tableOf(2);
    const take = (key: string) => {
      table.begin();
      const bucket = table.of(key);
      bucket.take(1);
      return bucket;
    };
    const [a, b] = [take('a'), take('b')];
    expect(take('a')).toBe(a);
    expect([take('c'), take('d')]).toEqual([table.overflow, table.overflow]);
    expect(table.overflow.has(1)).toBe(false);
    clock.nowMs = 1_000;
    const c = take('c');
    expect(c).not.toBe(table.overflow);
    expect(take('a')).toBe(a);
    expect(take('b')).toBe(table.overflow);
    expect(b.has(2)).toBe(true);
    expect(table.size).toBe(2);
  });

  test('does not forget keys that the same batch has asked for', () => {
    const { table } = tableOf(1);
    table.begin();
    const a = table.of('a');
    expect(table.of('b')).toBe(table.overflow);
    expect(table.of('a')).toBe(a);
    table.begin();
    expect(table.of('b')).not.toBe(table.overflow);
  });
});
