import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatencyHistogram } from './latency-histogram.ts';

test('percentiles are within 1 % of those of the sorted latencies, and never above the highest', () => {
  const latencies = fc.array(fc.double({ min: 0.3, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(latencies, fc.constantFrom(0, 0.5, 0.9, 0.99, 0.999, 1), (all, share) => {
      const histogram = new LatencyHistogram();
      for (const ms of all) histogram.record(ms);
      const sorted = all.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(0, Math.ceil(share * all.length) - 1)];
      const found = histogram.percentileMs(share);
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.01 + 0.001);
      expect(found).toBeLessThanOrEqual(histogram.maxMs);
      expect(histogram.maxMs).toBe(sorted.at(-1));
    }),
  );
});

test('what is below 256 microseconds is told to the microsecond', () => {
  const histogram = new LatencyHistogram();
  for (let us = 1; us <= 200; us++) histogram.record(us / 1_000);
  expect(histogram.percentileMs(0.5)).toBe(0.1);
  expect(histogram.percentileMs(0.99)).toBe(0.198);
  expect(histogram.meanMs).toBeCloseTo(0.1005, 6);
});

test('nothing has no percentiles', () => {
  expect(new LatencyHistogram().percentileMs(0.5)).toBeNaN();
});
