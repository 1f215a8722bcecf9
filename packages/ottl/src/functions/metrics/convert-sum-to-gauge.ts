import type { MetricView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import { GAUGE, requestWith } from './example-metrics.ts';

const SUM = { name: 'm', sum: { dataPoints: GAUGE.gauge.dataPoints, aggregationTemporality: 2, isMonotonic: true } };

export const convertSumToGauge = defineFunction({
  name: 'convert_sum_to_gauge',
  kind: 'editor',
  summary: 'Makes a gauge of a sum, with the same data points. Other metrics stay as they are.',
  params: {},
  contexts: ['metric'],
  examples: [
    { code: 'convert_sum_to_gauge()', context: 'metric', given: requestWith(SUM), after: requestWith(GAUGE) },
    { code: 'convert_sum_to_gauge()', context: 'metric', given: requestWith(GAUGE), after: requestWith(GAUGE) },
    { code: 'convert_sum_to_gauge()', invalid: 'cannot be used in the context log' },
  ],
  make: () => (frame) => {
    const metric = frame.view as MetricView;
    if (metric.type !== 'sum') return;
    const points = Array.from(metric.dataPoints, (point) => point.toBytes());
    metric.replaceData({ type: 'gauge', aggregationTemporality: 0, isMonotonic: false, points });
  },
});
