import { FIXED32, FIXED64, LEN, VARINT } from './wire.ts';

/** What a field is to a view. Singular kinds are the wire type + 1, so that a tag can be checked by one comparison. */
export const IGNORED = 0;
export const SINGULAR_VARINT = VARINT + 1;
export const SINGULAR_FIXED64 = FIXED64 + 1;
export const SINGULAR_LEN = LEN + 1;
export const SINGULAR_FIXED32 = FIXED32 + 1;
/** Repeated scalars, packed or not: read by a scan of their own, replaced as a whole. */
export const REPEATED_SCALAR = 8;
/** Repeated submessages that are indexed element by element; the list's number is added. */
export const LIST = 16;

/** One more than the highest field number that a shape may name. */
export const FIELDS_MAX = 24;

/** The fields of one message type that views read or edit; all others pass through untouched. */
export interface MessageShape {
  readonly name: string;
  /** By field number. */
  readonly kinds: Uint8Array;
  /** Field numbers of the indexed lists, in list order. */
  readonly lists: readonly number[];
  /** Singular submessages with views of their own. */
  readonly subs: readonly (readonly [field: number, shape: MessageShape])[];
  /** One more than the highest field number in use. */
  readonly fieldsEnd: number;
}

interface Fields {
  varint?: number[];
  fixed32?: number[];
  fixed64?: number[];
  len?: number[];
  repeated?: number[];
  lists?: number[];
  subs?: [number, MessageShape][];
}

function shape(name: string, fields: Fields): MessageShape {
  const kinds = new Uint8Array(FIELDS_MAX);
  for (const field of fields.varint ?? []) kinds[field] = SINGULAR_VARINT;
  for (const field of fields.fixed32 ?? []) kinds[field] = SINGULAR_FIXED32;
  for (const field of fields.fixed64 ?? []) kinds[field] = SINGULAR_FIXED64;
  for (const field of fields.len ?? []) kinds[field] = SINGULAR_LEN;
  for (const field of fields.repeated ?? []) kinds[field] = REPEATED_SCALAR;
  for (const [field] of fields.subs ?? []) kinds[field] = SINGULAR_LEN;
  const lists = fields.lists ?? [];
  for (const [i, field] of lists.entries()) kinds[field] = LIST + i;
  return {
    name,
    kinds,
    lists,
    subs: fields.subs ?? [],
    fieldsEnd: kinds.findLastIndex((kind) => kind !== IGNORED) + 1,
  };
}

// Field numbers: opentelemetry-proto, `opentelemetry/proto/{common,resource,logs,trace,metrics}/v1` and `profiles/v1development`. By convention of this
// package the attributes are list 0.
export const RESOURCE = shape('Resource', { lists: [1], varint: [2] });
export const SCOPE = shape('InstrumentationScope', { len: [1, 2], lists: [3], varint: [4] });
export const LOG_RECORD = shape('LogRecord', {
  fixed64: [1, 11],
  varint: [2, 7],
  len: [3, 5, 9, 10, 12],
  lists: [6],
  fixed32: [8],
});

export const STATUS = shape('Status', { len: [2], varint: [3] });
export const SPAN_EVENT = shape('Span.Event', { fixed64: [1], len: [2], lists: [3], varint: [4] });
export const SPAN_LINK = shape('Span.Link', { len: [1, 2, 3], lists: [4], varint: [5], fixed32: [6] });
export const SPAN = shape('Span', {
  len: [1, 2, 3, 4, 5],
  varint: [6, 10, 12, 14],
  fixed64: [7, 8],
  lists: [9, 11, 13],
  subs: [[15, STATUS]],
  fixed32: [16],
});

export const METRIC = shape('Metric', { len: [1, 2, 3, 5, 7, 9, 10, 11], lists: [12] });
/** Gauge, Sum, Histogram, ExponentialHistogram and Summary alike: temporality is 2 and is_monotonic 3 where they exist. */
export const METRIC_DATA = shape('Metric.data', { varint: [2, 3] });
export const EXEMPLAR = shape('Exemplar', { fixed64: [2, 3, 6], len: [4, 5], lists: [7] });
export const NUMBER_DATA_POINT = shape('NumberDataPoint', { fixed64: [2, 3, 4, 6], lists: [7, 5], varint: [8] });
export const HISTOGRAM_DATA_POINT = shape('HistogramDataPoint', {
  fixed64: [2, 3, 4, 5, 11, 12],
  repeated: [6, 7],
  lists: [9, 8],
  varint: [10],
});
export const BUCKETS = shape('ExponentialHistogramDataPoint.Buckets', { varint: [1], repeated: [2] });
export const EXPONENTIAL_HISTOGRAM_DATA_POINT = shape('ExponentialHistogramDataPoint', {
  lists: [1, 11],
  fixed64: [2, 3, 4, 5, 7, 12, 13, 14],
  varint: [6, 10],
  subs: [
    [8, BUCKETS],
    [9, BUCKETS],
  ],
});
export const QUANTILE_VALUE = shape('SummaryDataPoint.ValueAtQuantile', { fixed64: [1, 2] });
export const SUMMARY_DATA_POINT = shape('SummaryDataPoint', { fixed64: [2, 3, 4, 5], lists: [7, 6], varint: [8] });

export const VALUE_TYPE = shape('ValueType', { varint: [1, 2] });
export const SAMPLE = shape('Sample', { varint: [1, 3], repeated: [2, 4, 5] });
export const PROFILE = shape('Profile', {
  subs: [
    [1, VALUE_TYPE],
    [5, VALUE_TYPE],
  ],
  lists: [2],
  fixed64: [3],
  varint: [4, 6, 8],
  len: [7, 9, 10],
  repeated: [11],
});

/** ExportXServiceRequest: only its children count. */
export const REQUEST = shape('ExportServiceRequest', {});
/** The same with a dictionary. */
export const PROFILES_REQUEST = shape('ExportProfilesServiceRequest', { len: [2] });
/** ResourceLogs, ResourceSpans, ResourceMetrics: the header is 1, the children 2, schema_url 3. */
export const RESOURCE_ITEMS = shape('ResourceItems', { subs: [[1, RESOURCE]], len: [3] });
/** ScopeLogs, ScopeSpans, ScopeMetrics: the header is 1, the children 2, schema_url 3. */
export const SCOPE_ITEMS = shape('ScopeItems', { subs: [[1, SCOPE]], len: [3] });
