import { key as wireKey, type MetricView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { aggregationNamed } from './aggregate-numbers.ts';
import { aggregatePoints, checkAggregation } from './aggregate-points.ts';
import { gaugeOf, requestWith, SUMMARY } from './example-metrics.ts';

export const aggregateOnAttributes = defineFunction({
  name: 'aggregate_on_attributes',
  kind: 'editor',
  summary:
    'Makes one data point of those that have the same attributes, after all but the listed attributes are removed.',
  details:
    '`function` is `sum`, `max`, `min`, `mean`, `median` or `count`; histograms can only be summed up. Without `attributes` all ' +
    'attributes stay; an empty list removes all.',
  deviation:
    'Other functions than sum fail for histograms. A single data point has the count 1, where the Collector leaves its value. Among int64s the Collector sums floats as 0. Exemplars of data points that go are not taken over.',
  params: { function: p.literalString, attributes: p.optional(p.list(p.literalString)) },
  contexts: ['metric'],
  examples: [
    {
      code: 'aggregate_on_attributes("sum", ["a"])',
      context: 'metric',
      given: requestWith(gaugeOf([{ a: 'x', b: '1' }, 1], [{ a: 'y', b: '2' }, 2], [{ a: 'x', b: '3' }, 4])),
      after: requestWith(gaugeOf([{ a: 'x' }, 5], [{ a: 'y' }, 2])),
    },
    {
      code: 'aggregate_on_attributes("max", [])',
      context: 'metric',
      given: requestWith(gaugeOf([{ a: 'x' }, 1], [{ a: 'y' }, 2])),
      after: requestWith(gaugeOf([{}, 2])),
    },
    {
      code: 'aggregate_on_attributes("median")',
      context: 'metric',
      given: requestWith(gaugeOf([{ a: 'x' }, 1], [{ a: 'x' }, 9], [{ a: 'x' }, 2], [{ a: 'y' }, 7])),
      after: requestWith(gaugeOf([{ a: 'x' }, 2], [{ a: 'y' }, 7])),
    },
    {
      code: 'aggregate_on_attributes("sum")',
      context: 'metric',
      given: requestWith(SUMMARY),
      fails: 'of type summary',
    },
    { code: 'aggregate_on_attributes("avg")', context: 'metric', invalid: 'there is no aggregation avg' },
  ],
  make: ({ function: name, attributes }) => {
    const aggregation = aggregationNamed(name);
    const kept = attributes?.map((attribute) => wireKey(attribute));
    return (frame) => {
      const metric = frame.view as MetricView;
      checkAggregation(metric, aggregation);
      if (kept !== undefined)
        for (const point of metric.dataPoints)
          point.attributes.retain((attribute) => kept.some((key) => attribute.hasKey(key)));
      aggregatePoints(metric, aggregation);
    };
  },
});
