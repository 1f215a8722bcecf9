import type { Field, Form } from './field.ts';
import {
  anyValue,
  attributes,
  count,
  double,
  flag,
  id,
  integer,
  listOf,
  message,
  messages,
  severity,
  text,
  time,
  wordsFor,
} from './forms.ts';

function field(name: string, path: string, form: Form): Field {
  return { name, path: path.split('.'), form, ...(form === time ? { isFilledIn: true } : {}) };
}

const TRACE_ID = id(16);
const SPAN_ID = id(8);

/** Of the resource and the scope of any item; what is around them in OTLP/JSON is named by {@link CONTAINERS}. */
export const RESOURCE_FIELDS: readonly Field[] = [
  field('resource', 'resource.attributes', attributes),
  field('resource_schema_url', 'schemaUrl', text),
];

export const SCOPE_FIELDS: readonly Field[] = [
  field('scope', 'scope.name', text),
  field('scope_version', 'scope.version', text),
  field('scope_attributes', 'scope.attributes', attributes),
  field('scope_schema_url', 'schemaUrl', text),
];

export const LOG_FIELDS: readonly Field[] = [
  field('body', 'body', anyValue),
  field('severity', 'severityNumber', severity),
  field('severity_text', 'severityText', text),
  field('event_name', 'eventName', text),
  field('attributes', 'attributes', attributes),
  field('dropped_attributes_count', 'droppedAttributesCount', integer),
  field('trace_id', 'traceId', TRACE_ID),
  field('span_id', 'spanId', SPAN_ID),
  field('flags', 'flags', integer),
  field('time', 'timeUnixNano', time),
  field('observed_time', 'observedTimeUnixNano', time),
];

const EVENT_FIELDS: readonly Field[] = [
  field('name', 'name', text),
  field('attributes', 'attributes', attributes),
  field('dropped_attributes_count', 'droppedAttributesCount', integer),
  field('time', 'timeUnixNano', time),
];

const LINK_FIELDS: readonly Field[] = [
  field('trace_id', 'traceId', TRACE_ID),
  field('span_id', 'spanId', SPAN_ID),
  field('trace_state', 'traceState', text),
  field('attributes', 'attributes', attributes),
  field('dropped_attributes_count', 'droppedAttributesCount', integer),
  field('flags', 'flags', integer),
];

export const SPAN_FIELDS: readonly Field[] = [
  field('name', 'name', text),
  field('kind', 'kind', wordsFor(['', 'internal', 'server', 'client', 'producer', 'consumer'])),
  field('status', 'status.code', wordsFor(['', 'ok', 'error'])),
  field('status_message', 'status.message', text),
  field('attributes', 'attributes', attributes),
  field('dropped_attributes_count', 'droppedAttributesCount', integer),
  field('events', 'events', messages(EVENT_FIELDS)),
  field('dropped_events_count', 'droppedEventsCount', integer),
  field('links', 'links', messages(LINK_FIELDS)),
  field('dropped_links_count', 'droppedLinksCount', integer),
  { ...field('trace_id', 'traceId', TRACE_ID), isFilledIn: true },
  { ...field('span_id', 'spanId', SPAN_ID), isFilledIn: true },
  field('parent_span_id', 'parentSpanId', SPAN_ID),
  field('trace_state', 'traceState', text),
  field('flags', 'flags', integer),
  field('start', 'startTimeUnixNano', time),
  field('end', 'endTimeUnixNano', time),
];

export const METRIC_FIELDS: readonly Field[] = [
  field('name', 'name', text),
  field('description', 'description', text),
  field('unit', 'unit', text),
  field('metadata', 'metadata', attributes),
];

/** Of the part of a metric that has its type's name. */
export const DATA_FIELDS: readonly Field[] = [
  field('temporality', 'aggregationTemporality', wordsFor(['', 'delta', 'cumulative'])),
  field('monotonic', 'isMonotonic', flag),
];

const EXEMPLAR_FIELDS: readonly Field[] = [
  field('int_value', 'asInt', count),
  field('value', 'asDouble', double),
  field('attributes', 'filteredAttributes', attributes),
  field('trace_id', 'traceId', TRACE_ID),
  field('span_id', 'spanId', SPAN_ID),
  field('time', 'timeUnixNano', time),
];

const BUCKET_FIELDS: readonly Field[] = [
  field('offset', 'offset', integer),
  field('counts', 'bucketCounts', listOf(count)),
];

const QUANTILE_FIELDS: readonly Field[] = [field('quantile', 'quantile', double), field('value', 'value', double)];

/** A number data point's value, which is whole or not; written to the key that its type says. */
export const WHOLE_VALUE = field('value', 'asInt', count);
export const DOUBLE_VALUE = field('value', 'asDouble', double);

/** Of any type of data point, besides the value. */
export const POINT_FIELDS: readonly Field[] = [
  field('count', 'count', count),
  field('sum', 'sum', double),
  field('min', 'min', double),
  field('max', 'max', double),
  field('bounds', 'explicitBounds', listOf(double)),
  field('bucket_counts', 'bucketCounts', listOf(count)),
  field('scale', 'scale', integer),
  field('zero_count', 'zeroCount', integer),
  field('zero_threshold', 'zeroThreshold', double),
  field('positive', 'positive', message(BUCKET_FIELDS)),
  field('negative', 'negative', message(BUCKET_FIELDS)),
  field('quantiles', 'quantileValues', messages(QUANTILE_FIELDS)),
  field('attributes', 'attributes', attributes),
  field('exemplars', 'exemplars', messages(EXEMPLAR_FIELDS)),
  field('flags', 'flags', integer),
  field('start', 'startTimeUnixNano', time),
  field('time', 'timeUnixNano', time),
];

/** Names of the types in the short form, and their keys in OTLP/JSON. */
export const METRIC_TYPES: ReadonlyMap<string, string> = new Map([
  ['gauge', 'gauge'],
  ['sum', 'sum'],
  ['histogram', 'histogram'],
  ['exponential_histogram', 'exponentialHistogram'],
  ['summary', 'summary'],
]);

/** The keys of OTLP/JSON from a request down to its items. */
export const CONTAINERS = {
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
} as const;
