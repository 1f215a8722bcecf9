import { key as wireKey, type MetricView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { aggregationNamed } from './aggregate-numbers.ts';
import { aggregatePoints, checkAggregation } from './aggregate-points.ts';
import { gaugeOf, requestWith, SUMMARY } from './example-metrics.ts';

export const aggregateOnAttributeValue = defineFunction({
  name: 'aggregate_on_attribute_value',
  kind: 'editor',
  summary:
    'Puts a new value in place of some values of an attribute, and makes one data point of those with the same attributes.',
  details: '`function` is `sum`, `max`, `min`, `mean`, `median` or `count`; histograms can only be summed up.',
  deviation:
    'Other functions than sum fail for histograms. A single data point has the count 1, where the Collector leaves its value. Among int64s the Collector sums floats as 0. Exemplars of data points that go are not taken over.',
  params: {
    function: p.literalString,
    attribute: p.literalString,
    values: p.list(p.literalString),
    newValue: p.literalString,
  },
  contexts: ['metric'],
  examples: [
    {
      code: 'aggregate_on_attribute_value("sum", "a", ["x", "y"], "xy")',
      context: 'metric',
      given: requestWith(gaugeOf([{ a: 'x' }, 1], [{ a: 'y' }, 2], [{ a: 'z' }, 4])),
      after: requestWith(gaugeOf([{ a: 'xy' }, 3], [{ a: 'z' }, 4])),
    },
    {
      code: 'aggregate_on_attribute_value("mean", "b", ["x"], "xy")',
      context: 'metric',
      given: requestWith(gaugeOf([{ a: 'x' }, 1], [{ a: 'y' }, 2])),
      after: requestWith(gaugeOf([{ a: 'x' }, 1], [{ a: 'y' }, 2])),
    },
    {
      code: 'aggregate_on_attribute_value("sum", "a", ["x"], "y")',
      context: 'metric',
      given: requestWith(SUMMARY),
      fails: 'of type summary',
    },
    { code: 'aggregate_on_attribute_value("avg", "a", ["x"], "y")', context: 'metric', invalid: 'no aggregation avg' },
  ],
  make: ({ function: name, attribute, values, newValue }) => {
    const aggregation = aggregationNamed(name);
    const key = wireKey(attribute);
    const replaced = values.map((value) => wireKey(value));
    return (frame) => {
      const metric = frame.view as MetricView;
      checkAggregation(metric, aggregation);
      for (const { attributes } of metric.dataPoints)
        if (replaced.some((value) => attributes.equalsString(key, value))) attributes.set(key, newValue);
      aggregatePoints(metric, aggregation);
    };
  },
});
