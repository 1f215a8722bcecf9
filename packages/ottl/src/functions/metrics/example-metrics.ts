/** A request with these metrics, in OTLP/JSON: what examples of functions for metrics begin and end with. */
export function requestWith(...metrics: readonly object[]): { readonly otlp: object } {
  return { otlp: { resourceMetrics: [{ resource: {}, scopeMetrics: [{ scope: {}, metrics }] }] } };
}

export const SUMMARY_POINT = {
  attributes: [{ key: 'a', value: { stringValue: 'x' } }],
  timeUnixNano: '2',
  count: '3',
  sum: 4.5,
  quantileValues: [{ quantile: 0.5, value: 1.5 }],
};

export const SUMMARY = { name: 'm', unit: 's', summary: { dataPoints: [SUMMARY_POINT] } };
export const GAUGE = { name: 'm', gauge: { dataPoints: [{ timeUnixNano: '2', asInt: '7' }] } };

/** A gauge with these data points: their attributes and values. */
export function gaugeOf(...points: readonly (readonly [Readonly<Record<string, string>>, number])[]): object {
  const dataPoints = points.map(([attributes, value]) => ({
    timeUnixNano: '2',
    asInt: String(value),
    ...(Object.keys(attributes).length === 0
      ? {}
      : { attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })) }),
  }));
  return { name: 'm', gauge: { dataPoints } };
}
