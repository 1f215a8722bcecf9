/** fast-check arbitraries of whole OTLP requests, in the form that the oracle's `encode` takes. */
import * as fc from 'fast-check';
import type { OracleSignal, Plain } from './oracle.ts';

const INT64_EDGES = [0n, 1n, -1n, 2n ** 53n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const UINT64_EDGES = [0n, 1n, 127n, 128n, 2n ** 32n, 2n ** 53n + 1n, 1_700_000_000_123_456_789n, 2n ** 64n - 1n];
const DOUBLE_EDGES = [0, -0, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 1e21, 1e-7, 0.1, 2 ** 53];

export const int64: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(...INT64_EDGES),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
export const uint64: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(...UINT64_EDGES),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
export const uint32: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 1, 127, 128, 2 ** 31, 2 ** 32 - 1),
  fc.nat(2 ** 32 - 1),
);
export const int32: fc.Arbitrary<number> = fc.oneof(fc.constantFrom(0, -1, 2 ** 31 - 1, -(2 ** 31)), fc.integer());
export const double: fc.Arbitrary<number> = fc.oneof(fc.constantFrom(...DOUBLE_EDGES), fc.double());
/** Well-formed Unicode of every length class: empty, ASCII, escapes, astral, and longer than one length byte. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', 'a', 'é', '日本', '😀', '\u0000\u001f"\\/\u2028\u007f', 'x'.repeat(130)),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
export const bytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 20 });
export const traceId: fc.Arbitrary<Uint8Array> = idOf(16);
export const spanId: fc.Arbitrary<Uint8Array> = idOf(8);
const enumNumber = (max: number): fc.Arbitrary<number> => fc.oneof(fc.nat(max), fc.constantFrom(99, -1));

function idOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    fc.constant(new Uint8Array(0)),
    fc.constant(new Uint8Array(length)),
    fc.uint8Array({ minLength: length, maxLength: length }),
  );
}

type Fields = Record<string, fc.Arbitrary<unknown>>;

/** A message in which every field may be absent. */
function message(fields: Fields): fc.Arbitrary<Plain> {
  return fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Plain>;
}

/** A message of which exactly one field is set, or none. */
function oneOf(fields: Fields): fc.Arbitrary<Plain> {
  const members = Object.entries(fields).map(([name, value]) => value.map((each) => ({ [name]: each }) as Plain));
  return fc.oneof({ maxDepth: 3 }, fc.constant({}), ...members);
}

const list = (of: fc.Arbitrary<unknown>, maxLength = 3): fc.Arbitrary<unknown[]> => fc.array(of, { maxLength });

type Values = { any: Plain; keyValue: Plain };

/** Values and attributes; what is given is added to their fields. */
const valuesWith = (ofAny: Fields, ofKeyValue: Fields): fc.LetrecValue<Values> =>
  fc.letrec<Values>((tie) => ({
    any: oneOf({
      stringValue: text,
      boolValue: fc.boolean(),
      intValue: int64,
      doubleValue: double,
      bytesValue: bytes,
      arrayValue: message({ values: list(tie('any')) }),
      kvlistValue: message({ values: list(tie('keyValue')) }),
      ...ofAny,
    }),
    keyValue: message({ key: text, value: tie('any'), ...ofKeyValue }),
  }));

const values = valuesWith({}, {});
/** Those of profiles may refer to strings of the dictionary. */
const profileValues = valuesWith({ stringValueStrindex: int32 }, { keyStrindex: int32 });

export const anyValue: fc.Arbitrary<Plain> = values.any;
export const attributes: fc.Arbitrary<unknown[]> = list(values.keyValue, 4);
const profileAttributes = list(profileValues.keyValue, 4);

const entityRef = message({ schemaUrl: text, type: text, idKeys: list(text), descriptionKeys: list(text) });
const resourceWith = (attributesOf: fc.Arbitrary<unknown[]>): fc.Arbitrary<Plain> =>
  message({ attributes: attributesOf, droppedAttributesCount: uint32, entityRefs: list(entityRef, 2) });
const scopeWith = (attributesOf: fc.Arbitrary<unknown[]>): fc.Arbitrary<Plain> =>
  message({ name: text, version: text, attributes: attributesOf, droppedAttributesCount: uint32 });
export const resource: fc.Arbitrary<Plain> = resourceWith(attributes);
export const scope: fc.Arbitrary<Plain> = scopeWith(attributes);

export const logRecord: fc.Arbitrary<Plain> = message({
  timeUnixNano: uint64,
  observedTimeUnixNano: uint64,
  severityNumber: enumNumber(24),
  severityText: text,
  body: anyValue,
  attributes,
  droppedAttributesCount: uint32,
  flags: uint32,
  traceId,
  spanId,
  eventName: text,
});

const spanEvent = message({ timeUnixNano: uint64, name: text, attributes, droppedAttributesCount: uint32 });
const spanLink = message({
  traceId,
  spanId,
  traceState: text,
  attributes,
  droppedAttributesCount: uint32,
  flags: uint32,
});

export const span: fc.Arbitrary<Plain> = message({
  traceId,
  spanId,
  traceState: text,
  parentSpanId: spanId,
  flags: uint32,
  name: text,
  kind: enumNumber(5),
  startTimeUnixNano: uint64,
  endTimeUnixNano: uint64,
  attributes,
  droppedAttributesCount: uint32,
  events: list(spanEvent),
  droppedEventsCount: uint32,
  links: list(spanLink),
  droppedLinksCount: uint32,
  status: message({ message: text, code: enumNumber(2) }),
});

/** Adds one member of a number oneof (or none) to a message. */
function withNumber(fields: Fields): fc.Arbitrary<Plain> {
  return fc.tuple(message(fields), oneOf({ asDouble: double, asInt: int64 })).map(([a, b]) => Object.assign({}, a, b));
}

const exemplar = withNumber({ filteredAttributes: attributes, timeUnixNano: uint64, spanId, traceId });
const pointTimes = { startTimeUnixNano: uint64, timeUnixNano: uint64, flags: uint32 };
const exemplars = list(exemplar, 2);
const numberPoint = withNumber({ attributes, ...pointTimes, exemplars });
const histogramPoint = message({
  attributes,
  ...pointTimes,
  count: uint64,
  sum: double,
  bucketCounts: list(uint64, 5),
  explicitBounds: list(double, 5),
  exemplars,
  min: double,
  max: double,
});
const buckets = message({ offset: int32, bucketCounts: list(uint64, 5) });
const exponentialPoint = message({
  attributes,
  ...pointTimes,
  count: uint64,
  sum: double,
  scale: int32,
  zeroCount: uint64,
  positive: buckets,
  negative: buckets,
  exemplars,
  min: double,
  max: double,
  zeroThreshold: double,
});
const summaryPoint = message({
  attributes,
  ...pointTimes,
  count: uint64,
  sum: double,
  quantileValues: list(message({ quantile: double, value: double })),
});

const temporality = { aggregationTemporality: enumNumber(2) };
const metricData = oneOf({
  gauge: message({ dataPoints: list(numberPoint) }),
  sum: message({ dataPoints: list(numberPoint), ...temporality, isMonotonic: fc.boolean() }),
  histogram: message({ dataPoints: list(histogramPoint), ...temporality }),
  exponentialHistogram: message({ dataPoints: list(exponentialPoint), ...temporality }),
  summary: message({ dataPoints: list(summaryPoint) }),
});

export const metric: fc.Arbitrary<Plain> = fc
  .tuple(message({ name: text, description: text, unit: text, metadata: attributes }), metricData)
  .map(([head, data]) => Object.assign({}, head, data));

const strindex = { attributeIndices: list(int32, 3) };
const valueType = message({ typeStrindex: int32, unitStrindex: int32 });
const sample = message({
  stackIndex: int32,
  ...strindex,
  linkIndex: int32,
  values: list(int64),
  timestampsUnixNano: list(uint64),
});
const profile = message({
  sampleType: valueType,
  samples: list(sample),
  timeUnixNano: uint64,
  durationNano: uint64,
  periodType: valueType,
  period: int64,
  profileId: traceId,
  droppedAttributesCount: uint32,
  originalPayloadFormat: text,
  originalPayload: bytes,
  ...strindex,
});
const line = message({ functionIndex: int32, line: int64, column: int64 });
const profilesDictionary = message({
  mappingTable: list(
    message({ memoryStart: uint64, memoryLimit: uint64, fileOffset: uint64, filenameStrindex: int32, ...strindex }),
  ),
  locationTable: list(message({ mappingIndex: int32, address: uint64, lines: list(line), ...strindex })),
  functionTable: list(
    message({ nameStrindex: int32, systemNameStrindex: int32, filenameStrindex: int32, startLine: int64 }),
  ),
  linkTable: list(message({ traceId, spanId })),
  stringTable: list(text),
  attributeTable: list(message({ keyStrindex: int32, value: profileValues.any, unitStrindex: int32 })),
  stackTable: list(message({ locationIndices: list(int32) })),
});

const schemaUrl = text;
const logsRequest = message({
  resourceLogs: list(
    message({ resource, schemaUrl, scopeLogs: list(message({ scope, schemaUrl, logRecords: list(logRecord, 4) })) }),
  ),
});
const tracesRequest = message({
  resourceSpans: list(
    message({ resource, schemaUrl, scopeSpans: list(message({ scope, schemaUrl, spans: list(span, 3) })) }),
  ),
});
const metricsRequest = message({
  resourceMetrics: list(
    message({ resource, schemaUrl, scopeMetrics: list(message({ scope, schemaUrl, metrics: list(metric, 3) })) }),
  ),
});
const profilesRequest = message({
  resourceProfiles: list(
    message({
      resource: resourceWith(profileAttributes),
      schemaUrl,
      scopeProfiles: list(message({ scope: scopeWith(profileAttributes), schemaUrl, profiles: list(profile) })),
    }),
  ),
  dictionary: profilesDictionary,
});

/** Random valid Export*ServiceRequest objects: all metric types, nested values, 64-bit extremes, empty messages. */
export const requests: Record<OracleSignal, fc.Arbitrary<Plain>> = {
  logs: logsRequest,
  traces: tracesRequest,
  metrics: metricsRequest,
  profiles: profilesRequest,
};
