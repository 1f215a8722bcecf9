import type { MetricView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { GAUGE, requestWith, SUMMARY } from './example-metrics.ts';
import { temporalityNamed } from './temporality.ts';

const SUM = { name: 'm', sum: { dataPoints: GAUGE.gauge.dataPoints, aggregationTemporality: 1, isMonotonic: true } };

export const convertGaugeToSum = defineFunction({
  name: 'convert_gauge_to_sum',
  kind: 'editor',
  summary: 'Makes a sum of a gauge, with the same data points. Other metrics stay as they are.',
  params: { aggregationTemporality: p.literalString, isMonotonic: p.literalBool },
  contexts: ['metric'],
  examples: [
    {
      code: 'convert_gauge_to_sum("delta", true)',
      context: 'metric',
      given: requestWith(GAUGE),
      after: requestWith(SUM),
    },
    {
      code: 'convert_gauge_to_sum("delta", true)',
      context: 'metric',
      given: requestWith(SUMMARY),
      after: requestWith(SUMMARY),
    },
    { code: 'convert_gauge_to_sum("often", true)', context: 'metric', invalid: 'no aggregation temporality often' },
  ],
  make: ({ aggregationTemporality, isMonotonic }) => {
    const temporality = temporalityNamed(aggregationTemporality);
    return (frame) => {
      const metric = frame.view as MetricView;
      if (metric.type !== 'gauge') return;
      const points = Array.from(metric.dataPoints, (point) => point.toBytes());
      metric.replaceData({ type: 'sum', aggregationTemporality: temporality, isMonotonic, points });
    };
  },
});
