import { double, type MetricView, type SummaryDataPointView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { NumberMetricMaker } from './derived-metric.ts';
import { GAUGE, requestWith, SUMMARY } from './example-metrics.ts';

const [{ attributes }] = SUMMARY.summary.dataPoints;
const QUANTILES = {
  name: 'm.quantiles',
  unit: 's',
  gauge: {
    dataPoints: [
      {
        timeUnixNano: '2',
        asDouble: 1.5,
        attributes: [...attributes, { key: 'quantile', value: { doubleValue: 0.5 } }],
      },
    ],
  },
};

export const convertSummaryQuantileValToGauge = defineFunction({
  name: 'convert_summary_quantile_val_to_gauge',
  kind: 'editor',
  summary: 'Adds a gauge with a data point for each quantile of a summary; an attribute says which quantile.',
  params: {
    attributeKey: p.optional(p.literalString, 'quantile'),
    suffix: p.optional(p.literalString, '.quantiles'),
  },
  contexts: ['metric'],
  examples: [
    {
      code: 'convert_summary_quantile_val_to_gauge()',
      context: 'metric',
      given: requestWith(SUMMARY),
      after: requestWith(SUMMARY, QUANTILES),
    },
    {
      code: 'convert_summary_quantile_val_to_gauge("q", ".x")',
      context: 'metric',
      given: requestWith(GAUGE),
      after: requestWith(GAUGE),
    },
    { code: 'convert_summary_quantile_val_to_gauge(1)', context: 'metric', invalid: 'a literal of type string' },
  ],
  make: ({ attributeKey, suffix }) => {
    const how = { suffix, aggregationTemporality: 0, isMonotonic: false };
    return (frame) => {
      const metric = frame.view as MetricView;
      if (metric.type !== 'summary') return;
      const made = new NumberMetricMaker(metric, how);
      for (const point of metric.dataPoints as IterableIterator<SummaryDataPointView>) {
        for (const { quantile, value } of point.quantileValues) {
          const added = made.addPointLike(point);
          added.attributes.set(attributeKey, double(quantile));
          added.asDouble = value;
        }
      }
    };
  },
});
