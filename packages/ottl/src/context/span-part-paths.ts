import type { SpanEventView, SpanLinkView } from '@millrace/otlp';
import * as f from './field.ts';

export const SPAN_EVENT_PATHS: f.PathTable<SpanEventView> = {
  attributes: f.attributesField('attributes'),
  dropped_attributes_count: f.int32Field('droppedAttributesCount', 'unsigned'),
  name: f.stringField('name'),
  time: f.timeField('timeUnixNano'),
  time_unix_nano: f.nanosField('timeUnixNano'),
};

export const SPAN_LINK_PATHS: f.PathTable<SpanLinkView> = {
  attributes: f.attributesField('attributes'),
  dropped_attributes_count: f.int32Field('droppedAttributesCount', 'unsigned'),
  flags: f.int32Field('flags', 'unsigned'),
  span_id: f.idField('spanId', 'span'),
  'span_id.string': f.idTextField('spanId', 'span'),
  trace_id: f.idField('traceId', 'trace'),
  'trace_id.string': f.idTextField('traceId', 'trace'),
  trace_state: f.stringField('traceState'),
};
