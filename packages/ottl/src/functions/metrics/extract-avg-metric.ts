import type { MetricView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { countedPoints } from './counted-metric.ts';
import { NumberMetricMaker } from './derived-metric.ts';
import { GAUGE, requestWith, SUMMARY } from './example-metrics.ts';

const EXTRACTED = {
  name: 'm_avg',
  unit: 's',
  gauge: {
    dataPoints: [{ timeUnixNano: '2', asDouble: 1.5, attributes: SUMMARY.summary.dataPoints[0].attributes }],
  },
};

export const extractAvgMetric = defineFunction({
  name: 'extract_avg_metric',
  kind: 'editor',
  summary:
    'Adds a gauge with the averages of a histogram, an exponential histogram or a summary: sums divided by counts.',
  details:
    'The name of the new metric ends in `suffix`, by default `_avg`. Data points without a sum, or with a count of 0, are left ' +
    'out; a metric without data points is not made.',
  params: { suffix: p.optional(p.literalString, '_avg') },
  contexts: ['metric'],
  examples: [
    {
      code: 'extract_avg_metric()',
      context: 'metric',
      given: requestWith(SUMMARY),
      after: requestWith(SUMMARY, EXTRACTED),
    },
    {
      code: 'extract_avg_metric(".x")',
      context: 'metric',
      given: requestWith(SUMMARY),
      after: requestWith(SUMMARY, { ...EXTRACTED, name: 'm.x' }),
    },
    { code: 'extract_avg_metric()', context: 'metric', given: requestWith(GAUGE), fails: 'not a metric of type gauge' },
  ],
  make:
    ({ suffix }) =>
    (frame) => {
      const metric = frame.view as MetricView;
      const made = new NumberMetricMaker(metric, { suffix, aggregationTemporality: 0, isMonotonic: false });
      for (const point of countedPoints(metric, 'extract_avg_metric')) {
        const count = Number(point.count);
        const sum = point.type === 'summary' ? (point.sum ?? 0) : point.sum;
        if (sum !== undefined && count > 0) made.addPointLike(point).asDouble = sum / count;
      }
    },
});
