import type { ExponentialHistogramDataPointView, HistogramDataPointView, MetricView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import { constantGetter } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { NumberMetricMaker } from './derived-metric.ts';
import { GAUGE, requestWith } from './example-metrics.ts';
import { exponentialPercentile, histogramPercentile } from './percentile.ts';

const HISTOGRAM = {
  name: 'm',
  histogram: {
    dataPoints: [{ timeUnixNano: '2', count: '10', bucketCounts: ['4', '4', '2'], explicitBounds: [10, 20], max: 30 }],
  },
};

function percentile(suffix: string, description: string, value: number): object {
  const dataPoints = [{ timeUnixNano: '2', asDouble: value }];
  return { name: `m${suffix}`, description, gauge: { dataPoints } };
}

export const extractPercentileMetric = defineFunction({
  name: 'extract_percentile_metric',
  kind: 'editor',
  summary: 'Adds a gauge with a percentile of a histogram or an exponential histogram, estimated from its buckets.',
  details:
    'The name of the new metric ends in `suffix`, by default `_p` and the percentile. Other metrics stay alone, and empty data points make none.',
  deviation: 'Negative buckets are counted from the lowest value up; the Collector begins with those next to zero.',
  params: { percentile: p.floatLike, suffix: p.optional(p.string, constantGetter('')) },
  contexts: ['metric'],
  examples: [
    {
      code: 'extract_percentile_metric(50.0)',
      context: 'metric',
      given: requestWith(HISTOGRAM),
      after: requestWith(HISTOGRAM, percentile('_p50', 'p50', 12.5)),
    },
    {
      code: 'extract_percentile_metric(100, ".max")',
      context: 'metric',
      given: requestWith(HISTOGRAM),
      after: requestWith(HISTOGRAM, percentile('.max', 'p100', 30)),
    },
    { code: 'extract_percentile_metric(50)', context: 'metric', given: requestWith(GAUGE), after: requestWith(GAUGE) },
    { code: 'extract_percentile_metric(101)', context: 'metric', invalid: 'from 0 to 100, not 101' },
  ],
  make: ({ percentile: percentileOf, suffix }) => {
    const percent = percentileOf.constant;
    if (typeof percent !== 'number' || typeof suffix.constant !== 'string')
      throw new Error('percentile and suffix must be written out');
    if (!(percent >= 0 && percent <= 100)) throw new Error(`the percentile must be from 0 to 100, not ${percent}`);
    const how = { suffix: suffix.constant || `_p${percent}`, aggregationTemporality: 0, isMonotonic: false };
    return (frame) => {
      const metric = frame.view as MetricView;
      const { type } = metric;
      if (type !== 'histogram' && type !== 'exponentialHistogram') return;
      const description = metric.description === '' ? `p${percent}` : `${metric.description} (p${percent})`;
      const made = new NumberMetricMaker(metric, { ...how, description });
      for (const point of metric.dataPoints as IterableIterator<
        HistogramDataPointView | ExponentialHistogramDataPointView
      >) {
        const value =
          point.type === 'histogram'
            ? histogramPercentile(point, percent / 100)
            : exponentialPercentile(point, percent / 100);
        if (value !== undefined) made.addPointLike(point).asDouble = value;
      }
    };
  },
});
