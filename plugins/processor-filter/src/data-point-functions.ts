import type { MetricView } from '@millrace/otlp';
import { defineFunction, parameters as p } from '@millrace/ottl';

const GIVEN = {
  otlp: {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'requests',
                gauge: {
                  dataPoints: [
                    { asInt: '1' },
                    { asInt: '2', attributes: [{ key: 'http.method', value: { stringValue: 'GET' } }] },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  },
};

const hasAttrKeyOnDatapoint = defineFunction({
  name: 'HasAttrKeyOnDatapoint',
  kind: 'converter',
  summary: 'Whether a data point of the metric has an attribute with this key.',
  params: { key: p.literalString },
  contexts: ['metric'],
  pure: false,
  returns: 'bool',
  examples: [
    { code: 'HasAttrKeyOnDatapoint("http.method")', context: 'metric', given: GIVEN, result: true },
    { code: 'HasAttrKeyOnDatapoint("http.route")', context: 'metric', given: GIVEN, result: false },
  ],
  make:
    ({ key }) =>
    ({ view }) => {
      for (const point of (view as MetricView).dataPoints) if (point.attributes.has(key)) return true;
      return false;
    },
});

const hasAttrOnDatapoint = defineFunction({
  name: 'HasAttrOnDatapoint',
  kind: 'converter',
  summary: 'Whether a data point of the metric has an attribute with this key and this text as its value.',
  params: { key: p.literalString, value: p.literalString },
  contexts: ['metric'],
  pure: false,
  returns: 'bool',
  examples: [
    { code: 'HasAttrOnDatapoint("http.method", "GET")', context: 'metric', given: GIVEN, result: true },
    { code: 'HasAttrOnDatapoint("http.method", "PUT")', context: 'metric', given: GIVEN, result: false },
  ],
  make:
    ({ key, value }) =>
    ({ view }) => {
      for (const point of (view as MetricView).dataPoints) if (point.attributes.equalsString(key, value)) return true;
      return false;
    },
});

/** What conditions on metrics have beside the standard converters. */
export const DATA_POINT_FUNCTIONS = [hasAttrKeyOnDatapoint, hasAttrOnDatapoint];
