import type { MetricType, MetricView } from '@millrace/otlp';
import { OttlRuntimeError } from '../ottl-error.ts';
import { Part, typeName } from '../value/value.ts';
import * as f from './field.ts';

/** The numbers of METRIC_DATA_TYPE_*. */
const TYPE_NUMBERS: Readonly<Record<MetricType, number>> = {
  empty: 0,
  gauge: 1,
  sum: 2,
  histogram: 3,
  exponentialHistogram: 4,
  summary: 5,
};

const POINT_SLICES: Readonly<Record<MetricType, string>> = {
  empty: 'nil',
  gauge: 'pmetric.NumberDataPointSlice',
  sum: 'pmetric.NumberDataPointSlice',
  histogram: 'pmetric.HistogramDataPointSlice',
  exponentialHistogram: 'pmetric.ExponentialHistogramDataPointSlice',
  summary: 'pmetric.SummaryDataPointSlice',
};

function hasTemporality(metric: MetricView): boolean {
  const { type } = metric;
  return type === 'sum' || type === 'histogram' || type === 'exponentialHistogram';
}

export const METRIC_PATHS: f.PathTable<MetricView> = {
  /* Both read nil, and setting them does nothing, where the metric's type has no such field. */
  aggregation_temporality: {
    shown: 'int64',
    type: 'int',
    get: (metric) => (hasTemporality(metric) ? BigInt(metric.aggregationTemporality) : null),
    set: (metric, value) => {
      f.expectType(value, 'int', typeof value === 'bigint');
      if (hasTemporality(metric)) metric.aggregationTemporality = Number(BigInt.asIntN(32, value as bigint));
    },
  },
  data_points: {
    shown: 'pmetric.NumberDataPointSlice, ... by the type of the metric',
    type: 'part',
    get: (metric) => (metric.type === 'empty' ? null : new Part(POINT_SLICES[metric.type], metric)),
    set: (metric, value) => {
      if (!(value instanceof Part) || value.owner !== metric)
        throw new OttlRuntimeError(`expects the data points of this metric but got ${typeName(value)}`);
    },
  },
  description: f.stringField('description'),
  is_monotonic: {
    shown: 'bool',
    type: 'bool',
    get: (metric) => (metric.type === 'sum' ? metric.isMonotonic : null),
    set: (metric, value) => {
      f.expectType(value, 'bool', typeof value === 'boolean');
      if (metric.type === 'sum') metric.isMonotonic = value as boolean;
    },
  },
  metadata: f.attributesField('metadata'),
  name: f.stringField('name'),
  /* Setting it does nothing: other functions convert metrics. */
  type: {
    shown: 'int64',
    type: 'int',
    get: (metric) => BigInt(TYPE_NUMBERS[metric.type]),
    small: (metric) => TYPE_NUMBERS[metric.type],
    set: () => undefined,
  },
  unit: f.stringField('unit'),
};
