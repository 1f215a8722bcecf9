import type { MetricView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { countedPoints, countedTemporality } from './counted-metric.ts';
import { countOf, NumberMetricMaker } from './derived-metric.ts';
import { GAUGE, requestWith, SUMMARY } from './example-metrics.ts';

const EXTRACTED = {
  name: 'm_count',
  unit: '1',
  sum: {
    dataPoints: [{ timeUnixNano: '2', asInt: '3', attributes: SUMMARY.summary.dataPoints[0].attributes }],
    aggregationTemporality: 2,
    isMonotonic: true,
  },
};

export const extractCountMetric = defineFunction({
  name: 'extract_count_metric',
  kind: 'editor',
  summary: 'Adds a sum with the counts of a histogram, an exponential histogram or a summary.',
  details: 'The name of the new metric ends in `suffix`, by default `_count`. Metrics without data points make none.',
  params: { isMonotonic: p.literalBool, suffix: p.optional(p.literalString, '_count') },
  contexts: ['metric'],
  examples: [
    {
      code: 'extract_count_metric(true)',
      context: 'metric',
      given: requestWith(SUMMARY),
      after: requestWith(SUMMARY, EXTRACTED),
    },
    {
      code: 'extract_count_metric(true, ".x")',
      context: 'metric',
      given: requestWith(SUMMARY),
      after: requestWith(SUMMARY, { ...EXTRACTED, name: 'm.x' }),
    },
    {
      code: 'extract_count_metric(true)',
      context: 'metric',
      given: requestWith(GAUGE),
      fails: 'not a metric of type gauge',
    },
  ],
  make:
    ({ isMonotonic, suffix }) =>
    (frame) => {
      const metric = frame.view as MetricView;
      const points = countedPoints(metric, 'extract_count_metric');
      const aggregationTemporality = countedTemporality(metric);
      const made = new NumberMetricMaker(metric, { suffix, aggregationTemporality, isMonotonic, unit: '1' });
      for (const point of points) {
        made.addPointLike(point).asInt = countOf(point.count);
      }
    },
});
