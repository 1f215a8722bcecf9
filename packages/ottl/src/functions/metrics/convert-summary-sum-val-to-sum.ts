import type { MetricView, SummaryDataPointView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { NumberMetricMaker } from './derived-metric.ts';
import { GAUGE, requestWith, SUMMARY } from './example-metrics.ts';
import { temporalityNamed } from './temporality.ts';

const CONVERTED = {
  name: 'm_sum',
  unit: 's',
  sum: {
    dataPoints: [{ timeUnixNano: '2', asDouble: 4.5, attributes: SUMMARY.summary.dataPoints[0].attributes }],
    aggregationTemporality: 1,
  },
};

export const convertSummarySumValToSum = defineFunction({
  name: 'convert_summary_sum_val_to_sum',
  kind: 'editor',
  summary: 'Adds a sum with the sums of a summary.',
  details: 'The name of the new metric ends in `suffix`, by default `_sum`. Metrics of other types stay alone.',
  deviation: 'Only in the context of metrics: of data points the Collector makes a metric for each, with all points.',
  params: {
    aggregationTemporality: p.literalString,
    isMonotonic: p.literalBool,
    suffix: p.optional(p.literalString, '_sum'),
  },
  contexts: ['metric'],
  examples: [
    {
      code: 'convert_summary_sum_val_to_sum("delta", false)',
      context: 'metric',
      given: requestWith(SUMMARY),
      after: requestWith(SUMMARY, CONVERTED),
    },
    {
      code: 'convert_summary_sum_val_to_sum("delta", false)',
      context: 'metric',
      given: requestWith(GAUGE),
      after: requestWith(GAUGE),
    },
    {
      code: 'convert_summary_sum_val_to_sum("often", true)',
      context: 'metric',
      invalid: 'no aggregation temporality often',
    },
  ],
  make: ({ aggregationTemporality: temporality, isMonotonic, suffix }) => {
    const how = { suffix, aggregationTemporality: temporalityNamed(temporality), isMonotonic };
    return (frame) => {
      const metric = frame.view as MetricView;
      if (metric.type !== 'summary') return;
      const made = new NumberMetricMaker(metric, how);
      for (const point of metric.dataPoints as IterableIterator<SummaryDataPointView>)
        made.addPointLike(point).asDouble = point.sum;
    };
  },
});
