/**
 * The OTLP requests and responses as tables, with the field numbers of opentelemetry-proto 1.9, and the references to
 * strings of attributes that 1.10 added for profiles.
 *
 * Fields stand in the order in which the .proto files declare them, which is the order of the Collector's JSON.
 * Validation and JSON conversion make their plans from these tables; attributes and values have hand-written code beside.
 */

import type { Signal } from './signal.ts';

/** Scalar types by their protobuf names; ids are `bytes` with a fixed length and hexadecimal JSON; `enum` is int32. */
export type ScalarType =
  | 'string'
  | 'bytes'
  | 'traceId'
  | 'spanId'
  | 'bool'
  | 'enum'
  | 'int32'
  | 'uint32'
  | 'sint32'
  | 'int64'
  | 'uint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double';

export interface FieldDescriptor {
  readonly number: number;
  /** lowerCamelCase: the JSON key. */
  readonly name: string;
  /** snake_case: the name in the .proto file, also accepted as a JSON key. */
  readonly protoName: string;
  /** `message` when {@link FieldDescriptor.message} is set. */
  readonly type: ScalarType | 'message';
  readonly message: MessageDescriptor | undefined;
  readonly repeated: boolean;
  /** Repeated numbers: written packed, read both ways. */
  readonly packed: boolean;
  /** Index of the oneof within the message, or -1. */
  readonly oneof: number;
  /** Whether "set to the default" and "not set" differ: oneof members, proto3 `optional`, messages. */
  readonly presence: boolean;
  /** The Collector's JSON writes `"body":{}` for singular messages that are not set; this names those fields. */
  readonly alwaysInJson: boolean;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes: of one element. */
  readonly wireType: number;
}

export interface MessageDescriptor {
  readonly name: string;
  /** In declaration order. */
  readonly fields: readonly FieldDescriptor[];
  readonly byNumber: ReadonlyMap<number, FieldDescriptor>;
  readonly byJsonName: ReadonlyMap<string, FieldDescriptor>;
}

const WIRE_TYPES: Readonly<Record<ScalarType | 'message', number>> = {
  string: 2,
  bytes: 2,
  traceId: 2,
  spanId: 2,
  message: 2,
  bool: 0,
  enum: 0,
  int32: 0,
  uint32: 0,
  sint32: 0,
  int64: 0,
  uint64: 0,
  fixed64: 1,
  sfixed64: 1,
  double: 1,
  fixed32: 5,
};

/** Length in bytes that a non-empty id must have; 0 for every other type. */
export function idLength(type: FieldDescriptor['type']): number {
  return type === 'traceId' ? 16 : type === 'spanId' ? 8 : 0;
}

/**
 * One line per message: fields separated by `;`, each `number protoName type`, with a suffix: `*` repeated, `?` optional
 * (explicit presence), `!` a singular message that JSON always shows, `|a` a member of the oneof named a. A type
 * with a capital letter is a message.
 */
const SOURCE: Readonly<Record<string, string>> = {
  AnyValue:
    '1 string_value string|v; 2 bool_value bool|v; 3 int_value int64|v; 4 double_value double|v;' +
    '5 array_value ArrayValue|v; 6 kvlist_value KeyValueList|v; 7 bytes_value bytes|v; 8 string_value_strindex int32|v',
  ArrayValue: '1 values AnyValue*',
  KeyValueList: '1 values KeyValue*',
  KeyValue: '1 key string; 2 value AnyValue!; 3 key_strindex int32',
  InstrumentationScope: '1 name string; 2 version string; 3 attributes KeyValue*; 4 dropped_attributes_count uint32',
  EntityRef: '1 schema_url string; 2 type string; 3 id_keys string*; 4 description_keys string*',
  Resource: '1 attributes KeyValue*; 2 dropped_attributes_count uint32; 3 entity_refs EntityRef*',

  ExportLogsServiceRequest: '1 resource_logs ResourceLogs*',
  ResourceLogs: '1 resource Resource!; 2 scope_logs ScopeLogs*; 3 schema_url string',
  ScopeLogs: '1 scope InstrumentationScope!; 2 log_records LogRecord*; 3 schema_url string',
  LogRecord:
    '1 time_unix_nano fixed64; 11 observed_time_unix_nano fixed64; 2 severity_number enum; 3 severity_text string;' +
    '5 body AnyValue!; 6 attributes KeyValue*; 7 dropped_attributes_count uint32; 8 flags fixed32;' +
    '9 trace_id traceId; 10 span_id spanId; 12 event_name string',

  ExportTraceServiceRequest: '1 resource_spans ResourceSpans*',
  ResourceSpans: '1 resource Resource!; 2 scope_spans ScopeSpans*; 3 schema_url string',
  ScopeSpans: '1 scope InstrumentationScope!; 2 spans Span*; 3 schema_url string',
  Span:
    '1 trace_id traceId; 2 span_id spanId; 3 trace_state string; 4 parent_span_id spanId; 16 flags fixed32;' +
    '5 name string; 6 kind enum; 7 start_time_unix_nano fixed64; 8 end_time_unix_nano fixed64; 9 attributes KeyValue*;' +
    '10 dropped_attributes_count uint32; 11 events SpanEvent*; 12 dropped_events_count uint32; 13 links SpanLink*;' +
    '14 dropped_links_count uint32; 15 status SpanStatus!',
  SpanEvent: '1 time_unix_nano fixed64; 2 name string; 3 attributes KeyValue*; 4 dropped_attributes_count uint32',
  SpanLink:
    '1 trace_id traceId; 2 span_id spanId; 3 trace_state string; 4 attributes KeyValue*;' +
    '5 dropped_attributes_count uint32; 6 flags fixed32',
  SpanStatus: '2 message string; 3 code enum',

  ExportMetricsServiceRequest: '1 resource_metrics ResourceMetrics*',
  ResourceMetrics: '1 resource Resource!; 2 scope_metrics ScopeMetrics*; 3 schema_url string',
  ScopeMetrics: '1 scope InstrumentationScope!; 2 metrics Metric*; 3 schema_url string',
  Metric:
    '1 name string; 2 description string; 3 unit string; 5 gauge Gauge|d; 7 sum Sum|d; 9 histogram Histogram|d;' +
    '10 exponential_histogram ExponentialHistogram|d; 11 summary Summary|d; 12 metadata KeyValue*',
  Gauge: '1 data_points NumberDataPoint*',
  Sum: '1 data_points NumberDataPoint*; 2 aggregation_temporality enum; 3 is_monotonic bool',
  Histogram: '1 data_points HistogramDataPoint*; 2 aggregation_temporality enum',
  ExponentialHistogram: '1 data_points ExponentialHistogramDataPoint*; 2 aggregation_temporality enum',
  Summary: '1 data_points SummaryDataPoint*',
  NumberDataPoint:
    '7 attributes KeyValue*; 2 start_time_unix_nano fixed64; 3 time_unix_nano fixed64; 4 as_double double|n;' +
    '6 as_int sfixed64|n; 5 exemplars Exemplar*; 8 flags uint32',
  HistogramDataPoint:
    '9 attributes KeyValue*; 2 start_time_unix_nano fixed64; 3 time_unix_nano fixed64; 4 count fixed64; 5 sum double?;' +
    '6 bucket_counts fixed64*; 7 explicit_bounds double*; 8 exemplars Exemplar*; 10 flags uint32;' +
    '11 min double?; 12 max double?',
  ExponentialHistogramDataPoint:
    '1 attributes KeyValue*; 2 start_time_unix_nano fixed64; 3 time_unix_nano fixed64; 4 count fixed64; 5 sum double?;' +
    '6 scale sint32; 7 zero_count fixed64; 8 positive Buckets!; 9 negative Buckets!; 10 flags uint32;' +
    '11 exemplars Exemplar*; 12 min double?; 13 max double?; 14 zero_threshold double',
  Buckets: '1 offset sint32; 2 bucket_counts uint64*',
  SummaryDataPoint:
    '7 attributes KeyValue*; 2 start_time_unix_nano fixed64; 3 time_unix_nano fixed64; 4 count fixed64; 5 sum double;' +
    '6 quantile_values ValueAtQuantile*; 8 flags uint32',
  ValueAtQuantile: '1 quantile double; 2 value double',
  Exemplar:
    '7 filtered_attributes KeyValue*; 2 time_unix_nano fixed64; 3 as_double double|n; 6 as_int sfixed64|n;' +
    // The .proto file has these two the other way round; the Collector's JSON has them so.
    '5 trace_id traceId; 4 span_id spanId',

  ExportProfilesServiceRequest: '1 resource_profiles ResourceProfiles*; 2 dictionary ProfilesDictionary!',
  ProfilesDictionary:
    '1 mapping_table Mapping*; 2 location_table Location*; 3 function_table Function*; 4 link_table ProfileLink*;' +
    '5 string_table string*; 6 attribute_table KeyValueAndUnit*; 7 stack_table Stack*',
  ResourceProfiles: '1 resource Resource!; 2 scope_profiles ScopeProfiles*; 3 schema_url string',
  ScopeProfiles: '1 scope InstrumentationScope!; 2 profiles Profile*; 3 schema_url string',
  Profile:
    '1 sample_type ValueType!; 2 samples Sample*; 3 time_unix_nano fixed64; 4 duration_nano uint64;' +
    '5 period_type ValueType!; 6 period int64; 7 profile_id traceId; 8 dropped_attributes_count uint32;' +
    '9 original_payload_format string; 10 original_payload bytes; 11 attribute_indices int32*',
  ProfileLink: '1 trace_id traceId; 2 span_id spanId',
  ValueType: '1 type_strindex int32; 2 unit_strindex int32',
  Sample:
    '1 stack_index int32; 2 attribute_indices int32*; 3 link_index int32; 4 values int64*;' +
    '5 timestamps_unix_nano fixed64*',
  Mapping:
    '1 memory_start uint64; 2 memory_limit uint64; 3 file_offset uint64; 4 filename_strindex int32;' +
    '5 attribute_indices int32*',
  Stack: '1 location_indices int32*',
  Location: '1 mapping_index int32; 2 address uint64; 3 lines Line*; 4 attribute_indices int32*',
  Line: '1 function_index int32; 2 line int64; 3 column int64',
  Function: '1 name_strindex int32; 2 system_name_strindex int32; 3 filename_strindex int32; 4 start_line int64',
  KeyValueAndUnit: '1 key_strindex int32; 2 value AnyValue!; 3 unit_strindex int32',

  ExportLogsServiceResponse: '1 partial_success ExportLogsPartialSuccess!',
  ExportLogsPartialSuccess: '1 rejected_log_records int64; 2 error_message string',
  ExportTraceServiceResponse: '1 partial_success ExportTracePartialSuccess!',
  ExportTracePartialSuccess: '1 rejected_spans int64; 2 error_message string',
  ExportMetricsServiceResponse: '1 partial_success ExportMetricsPartialSuccess!',
  ExportMetricsPartialSuccess: '1 rejected_data_points int64; 2 error_message string',
  ExportProfilesServiceResponse: '1 partial_success ExportProfilesPartialSuccess!',
  ExportProfilesPartialSuccess: '1 rejected_profiles int64; 2 error_message string',
};

/** Every message by its short name, nested ones with their parent's where the short name is taken (`SpanLink`). */
export const MESSAGES: ReadonlyMap<string, MessageDescriptor> = parseSource();

const REQUEST_NAMES: Readonly<Record<Signal, string>> = {
  logs: 'ExportLogsServiceRequest',
  traces: 'ExportTraceServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
  profiles: 'ExportProfilesServiceRequest',
};

/** The descriptor of a signal's export request. */
export function requestDescriptor(signal: Signal): MessageDescriptor {
  return messageDescriptor(REQUEST_NAMES[signal]);
}

/** The descriptor of a message by its short name; an unknown name is our own fault. */
export function messageDescriptor(name: string): MessageDescriptor {
  const found = MESSAGES.get(name);
  if (found === undefined) throw new Error(`no OTLP message is called "${name}"`);
  return found;
}

function parseSource(): Map<string, MessageDescriptor> {
  const messages = new Map<string, MessageDescriptor>();
  for (const name of Object.keys(SOURCE)) {
    messages.set(name, { name, fields: [], byNumber: new Map(), byJsonName: new Map() });
  }
  // Two passes, because messages refer to one another in circles (AnyValue, ArrayValue).
  for (const [name, source] of Object.entries(SOURCE)) {
    const message = messages.get(name)!;
    const oneofs: string[] = [];
    for (const part of source.split(';')) {
      const field = parseField(part.trim(), messages, oneofs);
      (message.fields as FieldDescriptor[]).push(field);
      (message.byNumber as Map<number, FieldDescriptor>).set(field.number, field);
      (message.byJsonName as Map<string, FieldDescriptor>).set(field.name, field).set(field.protoName, field);
    }
  }
  return messages;
}

function parseField(source: string, messages: Map<string, MessageDescriptor>, oneofs: string[]): FieldDescriptor {
  const [number, protoName, typeAndSuffix] = source.split(' ');
  const [, typeName, suffix] = /^(\w+)([*?!]|\|\w+)?$/.exec(typeAndSuffix)!;
  const message = messages.get(typeName);
  const type = message === undefined ? (typeName as ScalarType) : 'message';
  const wireType = WIRE_TYPES[type];
  const repeated = suffix === '*';
  return {
    number: Number(number),
    name: protoName.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    protoName,
    type,
    message,
    repeated,
    packed: repeated && wireType !== 2,
    oneof: suffix?.startsWith('|') ? oneofIndex(suffix, oneofs) : -1,
    presence: !repeated && (message !== undefined || /^[?|]/.test(suffix ?? '')),
    alwaysInJson: suffix === '!',
    wireType,
  };
}

function oneofIndex(name: string, oneofs: string[]): number {
  const known = oneofs.indexOf(name);
  return known === -1 ? oneofs.push(name) - 1 : known;
}
