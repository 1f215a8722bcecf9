import {
  AggregationTemporality,
  AggregationType,
  type ExponentialHistogram as SdkHistogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { SeededRandom } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { ExponentialHistogram } from './exponential-histogram.ts';

function of(values: readonly number[], maxSize = 160): ExponentialHistogram {
  const histogram = new ExponentialHistogram(maxSize);
  for (const value of values) histogram.observe(value, 1);
  return histogram;
}

test('one value has the finest scale', () => {
  expect(of([3])).toMatchObject({ scale: 20, counts: [1], count: 1, sum: 3, min: 3, max: 3 });
});

test.each([
  [[1, 2, 4, 8], 4, 0, -1, [1, 1, 1, 1]],
  [[1, 2, 4, 8, 16], 4, -1, -1, [1, 2, 2]],
  [[1, 1.5, 2], 4, 1, -1, [1, 0, 2]],
  [[0, 0, 5], 4, 20, 2_434_718, [1]],
])('%j in %d buckets', (values, maxSize, scale, offset, counts) => {
  expect(of(values, maxSize)).toMatchObject({ scale, offset, counts });
});

test('weights count', () => {
  const histogram = new ExponentialHistogram(4);
  histogram.observe(2, 3);
  histogram.observe(0, 2);
  expect(histogram).toMatchObject({ count: 5, zeroCount: 2, sum: 6, counts: [3] });
});

test('every value lies within the bounds of a bucket, and no more buckets are used than allowed', () => {
  const value = fc.oneof(
    fc.double({ min: 1e-9, max: 1e9, noNaN: true, noDefaultInfinity: true }),
    fc.constant(0),
    fc.double({ min: 2 ** -1022, noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -1022, max: 1023 }).map((exponent) => 2 ** exponent),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), fc.integer({ min: 2, max: 40 }), (values, maxSize) => {
      const { scale, offset, counts, zeroCount, count } = of(values, maxSize);
      expect(counts.length).toBeLessThanOrEqual(maxSize);
      expect(counts.reduce((sum, each) => sum + each, zeroCount)).toBe(count);
      const bound = (index: number) => 2 ** (index * 2 ** -scale);
      for (const [index, expected] of counts.entries()) {
        const low = bound(offset + index) * (1 - 1e-9);
        const high = bound(offset + index + 1) * (1 + 1e-9);
        const within = values.filter((each) => each > low && each <= high).length;
        expect(within).toBeGreaterThanOrEqual(expected);
      }
    }),
  );
});

/** What the OpenTelemetry SDK makes of the same values. */
async function sdkOf(values: readonly number[], maxSize: number): Promise<SdkHistogram> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter });
  const aggregation = { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize } } as const;
  const provider = new MeterProvider({ readers: [reader], views: [{ instrumentName: 'x', aggregation }] });
  const histogram = provider.getMeter('test').createHistogram('x');
  for (const value of values) histogram.record(value);
  await provider.forceFlush();
  const [{ scopeMetrics }] = exporter.getMetrics();
  await provider.shutdown();
  return scopeMetrics[0].metrics[0].dataPoints[0].value as SdkHistogram;
}

test.each([1, 2, 3, 4, 5])('the same as the SDK: seed %d', async (seed) => {
  const random = new SeededRandom(seed);
  const maxSize = random.between(4, 160);
  const values = Array.from({ length: 200 }, () => random.between(0, 10 ** random.between(0, 6)) / 1000);
  const { scale, zeroCount, positive } = await sdkOf(values, maxSize);
  expect(of(values, maxSize)).toMatchObject({
    scale,
    zeroCount,
    offset: positive.offset,
    counts: positive.bucketCounts,
  });
});
