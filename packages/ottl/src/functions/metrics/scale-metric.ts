import type { DataPointView, ExemplarView, MetricView, NumberDataPointView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { truncate } from '../../value/convert.ts';
import { GAUGE, requestWith, SUMMARY, SUMMARY_POINT } from './example-metrics.ts';

export const scaleMetric = defineFunction({
  name: 'scale_metric',
  kind: 'editor',
  summary: 'Multiplies the values of a gauge, a sum, a histogram or a summary, and sets the unit when one is given.',
  details: 'Integers stay integers: they lose their fraction.',
  params: { factor: p.floatLike, unit: p.optional(p.string) },
  contexts: ['metric'],
  examples: [
    {
      code: 'scale_metric(10.0, "ds")',
      context: 'metric',
      given: requestWith(SUMMARY),
      after: requestWith({
        ...SUMMARY,
        unit: 'ds',
        summary: { dataPoints: [{ ...SUMMARY_POINT, sum: 45, quantileValues: [{ quantile: 0.5, value: 15 }] }] },
      }),
    },
    {
      code: 'scale_metric(0.5)',
      context: 'metric',
      given: requestWith(GAUGE),
      after: requestWith({ name: 'm', gauge: { dataPoints: [{ timeUnixNano: '2', asInt: '3' }] } }),
    },
    {
      code: 'scale_metric(0.5)',
      context: 'metric',
      given: requestWith({ name: 'm', exponentialHistogram: { dataPoints: [] } }),
      fails: 'cannot scale a metric of type exponentialHistogram',
    },
    {
      code: 'scale_metric(0.5, 1)',
      context: 'metric',
      given: requestWith(GAUGE),
      invalid: 'expected string but got int64',
    },
  ],
  make:
    ({ factor, unit }) =>
    (frame) => {
      const metric = frame.view as MetricView;
      const by = factor(frame);
      const unitText = unit?.(frame);
      if (by === null) throw new OttlRuntimeError('expected float64 but got nil');
      const { type } = metric;
      if (type === 'exponentialHistogram' || type === 'empty')
        throw new OttlRuntimeError(`cannot scale a metric of type ${type}`);
      for (const point of metric.dataPoints) scalePoint(point, by);
      if (unitText !== undefined) metric.unit = unitText;
    },
});

function scalePoint(point: DataPointView, by: number): void {
  if (point.type === 'number') scaleNumber(point, by);
  if (point.type === 'summary') {
    point.sum *= by;
    for (const quantile of point.quantileValues) quantile.value *= by;
  }
  if (point.type !== 'histogram') return;
  if (point.sum !== undefined) point.sum *= by;
  if (point.min !== undefined) point.min *= by;
  if (point.max !== undefined) point.max *= by;
  point.explicitBounds = point.explicitBounds.map((bound) => bound * by);
  for (const exemplar of point.exemplars) scaleNumber(exemplar, by);
}

function scaleNumber(view: NumberDataPointView | ExemplarView, by: number): void {
  if (view.valueKind === undefined) return;
  const scaled = Number(view.value) * by;
  if (view.valueKind === 'int') view.asInt = truncate(scaled);
  else view.asDouble = scaled;
}
