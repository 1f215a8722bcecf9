import type { MetricView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { GAUGE, requestWith, SUMMARY } from './example-metrics.ts';

export const copyMetric = defineFunction({
  name: 'copy_metric',
  kind: 'editor',
  summary: 'Adds a copy of the metric to its scope, with another name, description or unit.',
  deviation: 'A metric without data cannot be copied.',
  params: { name: p.optional(p.string), description: p.optional(p.string), unit: p.optional(p.string) },
  contexts: ['metric'],
  examples: [
    {
      code: 'copy_metric(name="n", unit="ms")',
      context: 'metric',
      given: requestWith(SUMMARY),
      after: requestWith(SUMMARY, { ...SUMMARY, name: 'n', unit: 'ms' }),
    },
    { code: 'copy_metric()', context: 'metric', given: requestWith(GAUGE), after: requestWith(GAUGE, GAUGE) },
    { code: 'copy_metric()', context: 'metric', given: requestWith({ name: 'm' }), fails: 'has no data' },
    {
      code: 'copy_metric(name=1)',
      context: 'metric',
      given: requestWith(GAUGE),
      invalid: 'expected string but got int64',
    },
  ],
  make:
    ({ name, description, unit }) =>
    (frame) => {
      const metric = frame.view as MetricView;
      const { type } = metric;
      if (type === 'empty') throw new OttlRuntimeError(`cannot copy "${metric.name}": it has no data`);
      const named = [name?.(frame), description?.(frame), unit?.(frame)];
      const copy = metric.scope.addMetric(type);
      copy.name = named[0] ?? metric.name;
      copy.description = named[1] ?? metric.description;
      copy.unit = named[2] ?? metric.unit;
      for (const key of metric.metadata.keys()) copy.metadata.setRaw(key, metric.metadata.raw(key)!);
      if (metric.aggregationTemporality !== 0) copy.aggregationTemporality = metric.aggregationTemporality;
      if (metric.isMonotonic) copy.isMonotonic = true;
      for (const point of metric.dataPoints) copy.copyDataPoint(point);
    },
});
