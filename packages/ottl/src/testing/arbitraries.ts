import fc from 'fast-check';

/* Random telemetry as objects for `encodePlain`: with every kind of value, few keys, and parts that are missing. */

const text = fc.oneof(fc.constantFrom('', 'a', 'b', 'GET', 'ünï😀'), fc.string({ unit: 'grapheme', maxLength: 20 }));
const int64 = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc.bigInt(-1000n, 1000n),
);
const double = fc
  .oneof(fc.constantFrom(0, 1, -1.5, 1e300), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .filter((value) => !Object.is(value, -0));
const nanos = fc.bigInt(1n, 2n ** 64n - 1n);

/** With unique keys in each map, in any order. */
export const anyValue: fc.Arbitrary<object> = fc.letrec<{ value: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ stringValue: text }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: double }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ bytesValue: fc.uint8Array({ maxLength: 8 }) }),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => ({ arrayValue: values.length === 0 ? {} : { values } })),
    keyValues(tie('value')).map((values) => ({ kvlistValue: values.length === 0 ? {} : { values } })),
  ),
})).value;

function keyValues(value: fc.Arbitrary<object>): fc.Arbitrary<object[]> {
  const key = fc.constantFrom('a', 'b', '1', '0', '__proto__', 'http.method', 'ü');
  return fc.uniqueArray(fc.record({ key, value }), { maxLength: 4, selector: (each) => each.key });
}

const attributes = keyValues(anyValue);
const some = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(each, { minLength: 1, maxLength: 3 });
const around = {
  resource: fc.record({ attributes }, { requiredKeys: [] }),
  schemaUrl: text,
};
const scope = fc.record({ name: text, version: text, attributes }, { requiredKeys: [] });

const logRecord = fc.record(
  {
    timeUnixNano: nanos,
    severityNumber: fc.integer({ min: 0, max: 24 }),
    severityText: text,
    body: anyValue,
    attributes,
    traceId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  },
  { requiredKeys: [] },
);
const event = fc.record({ timeUnixNano: nanos, name: text, attributes }, { requiredKeys: [] });
const span = fc.record(
  {
    name: text,
    kind: fc.integer({ min: 0, max: 5 }),
    traceState: fc.constantFrom('a=1', 'b=2,a=1', 'nonsense'),
    attributes,
    events: some(event),
    status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: text }),
  },
  { requiredKeys: [] },
);
const exemplar = fc.record(
  { timeUnixNano: nanos, asDouble: double, filteredAttributes: attributes },
  { requiredKeys: [] },
);
const number = fc.record(
  { timeUnixNano: nanos, asInt: int64, attributes, exemplars: some(exemplar) },
  { requiredKeys: [] },
);
const histogram = fc.record(
  {
    count: nanos,
    sum: double,
    bucketCounts: some(nanos),
    explicitBounds: some(double),
    attributes,
    exemplars: some(exemplar),
  },
  { requiredKeys: [] },
);
const metric = fc.oneof(
  fc.record({ name: text, gauge: fc.record({ dataPoints: some(number) }) }),
  fc.record({
    name: text,
    sum: fc.record({ dataPoints: some(number), aggregationTemporality: fc.constantFrom(1, 2) }),
  }),
  fc.record({ name: text, histogram: fc.record({ dataPoints: some(histogram) }) }),
  fc.record({ name: text, summary: fc.record({ dataPoints: some(fc.record({ count: nanos, attributes })) }) }),
);

/** Export requests by signal. */
export const requests = {
  logs: fc.record({
    resourceLogs: some(fc.record({ ...around, scopeLogs: some(fc.record({ scope, logRecords: some(logRecord) })) })),
  }),
  traces: fc.record({
    resourceSpans: some(fc.record({ ...around, scopeSpans: some(fc.record({ scope, spans: some(span) })) })),
  }),
  metrics: fc.record({
    resourceMetrics: some(fc.record({ ...around, scopeMetrics: some(fc.record({ scope, metrics: some(metric) })) })),
  }),
};
