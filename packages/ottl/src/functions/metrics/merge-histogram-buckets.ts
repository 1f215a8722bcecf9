import type { DataPointView, HistogramDataPointView, MetricView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { GAUGE, requestWith } from './example-metrics.ts';

const BOUND_TOLERANCE = 1e-12;

interface Buckets {
  readonly bounds: readonly number[];
  readonly counts: readonly bigint[];
}

function histogram(explicitBounds: readonly number[], counts: readonly number[]): { readonly otlp: object } {
  const point = { timeUnixNano: '2', count: '17', bucketCounts: counts.map(String), explicitBounds };
  return requestWith({ name: 'm', histogram: { dataPoints: [point], aggregationTemporality: 2 } });
}

export const mergeHistogramBuckets = defineFunction({
  name: 'merge_histogram_buckets',
  kind: 'editor',
  summary:
    'Merges buckets of a histogram. Other metrics, and histograms whose buckets do not fit their bounds, stay as they are.',
  details:
    '`method` is `remove_explicit_bound` (the default: `target_value` is the bound to remove) or `limit_buckets` ' +
    '(`target_value` is how many buckets to keep at most; neighbours are merged in groups of one size).',
  params: { targetValue: p.floatLike, method: p.optional(p.literalString, 'remove_explicit_bound') },
  contexts: ['metric', 'datapoint'],
  examples: [
    {
      code: 'merge_histogram_buckets(0.5)',
      context: 'metric',
      given: histogram([0.1, 0.5, 1], [5, 8, 3, 1]),
      after: histogram([0.1, 1], [5, 11, 1]),
    },
    {
      code: 'merge_histogram_buckets(5, method="limit_buckets")',
      context: 'metric',
      given: histogram([0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30], [80, 4, 6, 120, 3, 2, 40, 10, 1]),
      after: histogram([0.2, 1, 5, 30], [84, 126, 5, 50, 1]),
    },
    {
      title: 'there is no such bound',
      code: 'merge_histogram_buckets(0.7)',
      context: 'metric',
      given: histogram([0.1, 0.5], [5, 8, 3]),
      after: histogram([0.1, 0.5], [5, 8, 3]),
    },
    { code: 'merge_histogram_buckets(0.5)', context: 'metric', given: requestWith(GAUGE), after: requestWith(GAUGE) },
    { code: 'merge_histogram_buckets(0.5, "all")', context: 'metric', invalid: 'there is no method all' },
    {
      code: 'merge_histogram_buckets(0, "limit_buckets")',
      context: 'metric',
      given: histogram([1], [1, 2]),
      fails: 'a positive whole number, not 0',
    },
  ],
  make: ({ targetValue, method }) => {
    if (method !== 'remove_explicit_bound' && method !== 'limit_buckets')
      throw new Error(`there is no method ${method}: use remove_explicit_bound or limit_buckets`);
    const merge = method === 'limit_buckets' ? limitBuckets : removeBound;
    return (frame) => {
      const target = targetValue(frame);
      if (target === null) throw new OttlRuntimeError('expected float64 but got nil');
      const view = frame.view as MetricView | DataPointView;
      if (view.type !== 'histogram') return;
      if (!('dataPoints' in view)) change(view, target, merge);
      else for (const point of view.dataPoints) change(point as HistogramDataPointView, target, merge);
    };
  },
});

function change(point: HistogramDataPointView, target: number, merge: typeof removeBound): void {
  const { explicitBounds: bounds, bucketCounts: counts } = point;
  if (bounds.length === 0 || counts.length !== bounds.length + 1) return;
  const merged = merge({ bounds, counts }, target);
  if (merged === undefined) return;
  point.explicitBounds = merged.bounds;
  point.bucketCounts = merged.counts;
}

/** Undefined where nothing changes. */
function removeBound({ bounds, counts }: Buckets, bound: number): Buckets | undefined {
  const at = bounds.findIndex((each) => Math.abs(each - bound) < BOUND_TOLERANCE);
  if (at < 0) return undefined;
  return { bounds: bounds.toSpliced(at, 1), counts: counts.toSpliced(at, 2, counts[at] + counts[at + 1]) };
}

function limitBuckets({ bounds, counts }: Buckets, max: number): Buckets | undefined {
  if (!Number.isInteger(max) || max <= 0)
    throw new OttlRuntimeError(`limit_buckets needs a positive whole number, not ${max}`);
  if (counts.length <= max || bounds.some((bound, i) => i > 0 && !(bound > bounds[i - 1]))) return undefined;
  const size = Math.ceil(counts.length / max);
  const merged: bigint[] = [];
  const kept: number[] = [];
  for (let at = 0; at < counts.length; at += size) {
    merged.push(counts.slice(at, at + size).reduce((sum, count) => sum + count, 0n));
    if (at + size < counts.length) kept.push(bounds[at + size - 1]);
  }
  return { bounds: kept, counts: merged };
}
