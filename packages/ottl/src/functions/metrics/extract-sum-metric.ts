import type { MetricView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { countedPoints, countedTemporality } from './counted-metric.ts';
import { NumberMetricMaker } from './derived-metric.ts';
import { GAUGE, requestWith, SUMMARY } from './example-metrics.ts';

const EXTRACTED = {
  name: 'm_sum',
  unit: 's',
  sum: {
    dataPoints: [{ timeUnixNano: '2', asDouble: 4.5, attributes: SUMMARY.summary.dataPoints[0].attributes }],
    aggregationTemporality: 2,
    isMonotonic: true,
  },
};

export const extractSumMetric = defineFunction({
  name: 'extract_sum_metric',
  kind: 'editor',
  summary:
    'Adds a sum with the sums of a histogram, an exponential histogram or a summary. Data points without one are left out.',
  details: 'The name of the new metric ends in `suffix`, by default `_sum`. Metrics without data points make none.',
  params: { isMonotonic: p.literalBool, suffix: p.optional(p.literalString, '_sum') },
  contexts: ['metric'],
  examples: [
    {
      code: 'extract_sum_metric(true)',
      context: 'metric',
      given: requestWith(SUMMARY),
      after: requestWith(SUMMARY, EXTRACTED),
    },
    {
      code: 'extract_sum_metric(true, ".x")',
      context: 'metric',
      given: requestWith(SUMMARY),
      after: requestWith(SUMMARY, { ...EXTRACTED, name: 'm.x' }),
    },
    {
      code: 'extract_sum_metric(true)',
      context: 'metric',
      given: requestWith(GAUGE),
      fails: 'not a metric of type gauge',
    },
  ],
  make:
    ({ isMonotonic, suffix }) =>
    (frame) => {
      const metric = frame.view as MetricView;
      const points = countedPoints(metric, 'extract_sum_metric');
      const aggregationTemporality = countedTemporality(metric);
      const made = new NumberMetricMaker(metric, { suffix, aggregationTemporality, isMonotonic });
      for (const point of points) {
        const { sum } = point;
        if (sum !== undefined) made.addPointLike(point).asDouble = sum;
      }
    },
});
