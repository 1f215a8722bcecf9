import { MetricsBuilder, type ExponentialHistogramDataPointView, type MetricView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { distributionNamed, type Distribute } from './distribute-count.ts';
import { GAUGE, requestWith } from './example-metrics.ts';
import { replaceData } from './replace-data.ts';

const POINT = { timeUnixNano: '2', count: '12', sum: 20 };
// The bounds of the buckets are 1, 2, 4, 8.
const EXPONENTIAL = {
  name: 'm',
  exponentialHistogram: {
    dataPoints: [{ ...POINT, zeroCount: '2', positive: { bucketCounts: ['1', '3', '6'] } }],
    aggregationTemporality: 2,
  },
};

function histogram(explicitBounds: readonly number[], bucketCounts: readonly string[]): object {
  return {
    name: 'm',
    histogram: { dataPoints: [{ ...POINT, bucketCounts, explicitBounds }], aggregationTemporality: 2 },
  };
}

export const convertExponentialHistogramToHistogram = defineFunction({
  name: 'convert_exponential_histogram_to_histogram',
  kind: 'editor',
  summary: 'Makes a histogram with explicit bounds of an exponential histogram. Other metrics stay as they are.',
  details:
    '`distribution` says where the count of a bucket goes: `upper` to the bucket of its upper bound, `midpoint` of its middle, ' +
    '`uniform` in even shares to all that it touches, `random` in random ones. Negative buckets are left out; zeros count ' +
    'only when the first bound is 0.',
  deviation:
    'There is one count more than there are bounds, as OTLP demands, for what is above the last bound; the Collector adds that ' +
    'to the last one. Exemplars are not taken over.',
  params: { distribution: p.literalString, explicitBounds: p.list(p.floatLike) },
  contexts: ['metric'],
  examples: [
    {
      code: 'convert_exponential_histogram_to_histogram("upper", [0.0, 2.0, 5.0])',
      context: 'metric',
      given: requestWith(EXPONENTIAL),
      after: requestWith(histogram([0, 2, 5], ['2', '1', '3', '6'])),
    },
    {
      code: 'convert_exponential_histogram_to_histogram("midpoint", [2, 6])',
      context: 'metric',
      given: requestWith(EXPONENTIAL),
      after: requestWith(histogram([2, 6], ['1', '9', '0'])),
    },
    {
      code: 'convert_exponential_histogram_to_histogram("uniform", [5, 6, 7])',
      context: 'metric',
      given: requestWith(EXPONENTIAL),
      after: requestWith(histogram([5, 6, 7], ['6', '2', '1', '1'])),
    },
    {
      code: 'convert_exponential_histogram_to_histogram("upper", [1])',
      context: 'metric',
      given: requestWith(GAUGE),
      after: requestWith(GAUGE),
    },
    {
      code: 'convert_exponential_histogram_to_histogram("upper", [])',
      context: 'metric',
      invalid: 'must not be empty',
    },
    {
      code: 'convert_exponential_histogram_to_histogram("lower", [1])',
      context: 'metric',
      invalid: 'no distribution lower',
    },
  ],
  make: ({ distribution, explicitBounds }, { randomBytes }) => {
    const random = (): number => new DataView(Uint8Array.from(randomBytes(4)).buffer).getUint32(0) / 2 ** 32;
    const distribute = distributionNamed(distribution, random);
    if (explicitBounds.length === 0) throw new Error('the explicit bounds must not be empty');
    const bounds = explicitBounds.map((bound) => {
      if (typeof bound.constant === 'number') return bound.constant;
      throw new Error('the explicit bounds must be numbers that are written out');
    });
    return (frame) => {
      const metric = frame.view as MetricView;
      if (metric.type !== 'exponentialHistogram') return;
      const { aggregationTemporality } = metric;
      const dataPoints = metric.dataPoints as IterableIterator<ExponentialHistogramDataPointView>;
      const points = Array.from(dataPoints, (point) => convertPoint(point, bounds, distribute));
      replaceData(metric, { type: 'histogram', aggregationTemporality, isMonotonic: false, points });
    };
  },
});

function convertPoint(
  point: ExponentialHistogramDataPointView,
  bounds: readonly number[],
  distribute: Distribute,
): Uint8Array {
  const made = new MetricsBuilder().addResource().addScope().addMetric('histogram').addDataPoint();
  made.startTimeUnixNano = point.startTimeUnixNano;
  made.timeUnixNano = point.timeUnixNano;
  made.count = point.count;
  made.sum = point.sum;
  made.min = point.min;
  made.max = point.max;
  made.flags = point.flags;
  for (const key of point.attributes.keys()) made.attributes.setRaw(key, point.attributes.raw(key)!);
  made.explicitBounds = bounds;
  made.bucketCounts = countsOf(point, bounds, distribute);
  return made.toBytes();
}

function countsOf(
  { positive, scale, zeroCount }: ExponentialHistogramDataPointView,
  bounds: readonly number[],
  distribute: Distribute,
): bigint[] {
  const counts = new Array<bigint>(bounds.length + 1).fill(0n);
  if (bounds[0] === 0) counts[0] += BigInt(zeroCount);
  const boundOf = (index: number): number => 2 ** (index * 2 ** -scale);
  for (const [i, count] of positive.bucketCounts.entries()) {
    const index = positive.offset + i;
    if (count > 0n) distribute({ lower: boundOf(index), upper: boundOf(index + 1), count }, bounds, counts);
  }
  return counts;
}
