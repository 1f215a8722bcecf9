import {
  ByteWriter,
  MetricsBuilder,
  WireReader,
  type ExponentialHistogramDataPointView,
  type MetricView,
} from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { distributionNamed, type Distribute } from './distribute-count.ts';
import { GAUGE, requestWith } from './example-metrics.ts';

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
    '`uniform` in shares by width to all that it touches, `random` in such shares that are rounded at random. A data point whose ' +
    'count is not that of its buckets fails.',
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
      after: requestWith(histogram([2, 6], ['3', '9', '0'])),
    },
    {
      code: 'convert_exponential_histogram_to_histogram("uniform", [5, 6, 7])',
      context: 'metric',
      given: requestWith(EXPONENTIAL),
      after: requestWith(histogram([5, 6, 7], ['8', '1', '2', '1'])),
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
      code: 'convert_exponential_histogram_to_histogram("upper", [2, 1])',
      context: 'metric',
      invalid: 'must rise',
    },
    {
      code: 'convert_exponential_histogram_to_histogram("lower", [1])',
      context: 'metric',
      invalid: 'no distribution lower',
    },
  ],
  make: ({ distribution, explicitBounds }, { randomBytes }) => {
    const random = (): bigint => new DataView(Uint8Array.from(randomBytes(8)).buffer).getBigUint64(0);
    const distribute = distributionNamed(distribution, random);
    if (explicitBounds.length === 0) throw new Error('the explicit bounds must not be empty');
    const bounds = explicitBounds.map((bound) => {
      if (typeof bound.constant === 'number') return bound.constant;
      throw new Error('the explicit bounds must be numbers that are written out');
    });
    if (bounds.some((bound, i) => i > 0 && !(bound > bounds[i - 1]))) throw new Error('the explicit bounds must rise');
    return (frame) => {
      const metric = frame.view as MetricView;
      if (metric.type !== 'exponentialHistogram') return;
      const { aggregationTemporality } = metric;
      const dataPoints = metric.dataPoints as IterableIterator<ExponentialHistogramDataPointView>;
      const points = Array.from(dataPoints, (point) => convertPoint(point, bounds, distribute));
      metric.replaceData({ type: 'histogram', aggregationTemporality, isMonotonic: false, points });
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
  return withExemplars(made.toBytes(), point.toBytes());
}

function countsOf(
  { count, positive, negative, scale, zeroCount, zeroThreshold }: ExponentialHistogramDataPointView,
  bounds: readonly number[],
  distribute: Distribute,
): bigint[] {
  const counts = new Array<bigint>(bounds.length + 1).fill(0n);
  let total = 0n;
  const add = (lower: number, upper: number, added: bigint): void => {
    total += added;
    if (added > 0n) distribute({ lower, upper, count: added }, bounds, counts);
  };
  if (!(zeroThreshold >= 0 && zeroThreshold < Infinity))
    throw new OttlRuntimeError(`${zeroThreshold} is no zero threshold`);
  add(-zeroThreshold, zeroThreshold, BigInt(zeroCount));
  const boundOf = (index: number): number => Math.min(2 ** (index * 2 ** -scale), Number.MAX_VALUE);
  for (const [i, each] of negative.bucketCounts.entries())
    add(-boundOf(negative.offset + i + 1), -boundOf(negative.offset + i), each);
  for (const [i, each] of positive.bucketCounts.entries())
    add(boundOf(positive.offset + i), boundOf(positive.offset + i + 1), each);
  if (total !== BigInt(count)) throw new OttlRuntimeError(`the count is ${count}, but that of the buckets ${total}`);
  return counts;
}

const EXPONENTIAL_EXEMPLARS = 0x5a;
const HISTOGRAM_EXEMPLARS = 8;

/** Appends the exemplars of a data point's message, as they are, to one of a histogram. */
function withExemplars(histogram: Uint8Array, source: Uint8Array): Uint8Array {
  const reader = new WireReader(source);
  const out = new ByteWriter();
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === EXPONENTIAL_EXEMPLARS) out.bytesField(HISTOGRAM_EXEMPLARS, reader.range());
    else reader.skip(tag);
  }
  // Messages are merged by concatenation.
  return Uint8Array.from(Buffer.concat([histogram, out.take()]));
}
