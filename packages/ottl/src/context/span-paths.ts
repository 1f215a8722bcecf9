import type { SpanView } from '@millrace/otlp';
import { OttlRuntimeError } from '../ottl-error.ts';
import * as f from './field.ts';
import { setTraceStateEntry, traceStateEntry } from './trace-state.ts';

const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const KIND_SYMBOLS = KINDS.map((kind) => `SPAN_KIND_${kind.toUpperCase()}`);

/** The kind by one of its names; an unknown kind reads ''. */
function kindTextField(names: readonly string[]): f.Field<SpanView> {
  const text = (span: SpanView): string => names[span.kind] ?? '';
  return {
    shown: 'string',
    type: 'string',
    get: text,
    text,
    set: (span, value) => {
      f.expectType(value, 'string', typeof value === 'string');
      const kind = names.indexOf(value as string);
      if (kind < 0)
        throw new OttlRuntimeError(`unknown span kind "${value as string}", write one of ${names.join(', ')}`);
      span.kind = kind;
    },
  };
}

const anyFlags = f.int32Field<SpanView>('flags', 'unsigned');

/** Unlike other numbers of 32 bits, these are not cut off. */
const flagsField: f.Field<SpanView> = {
  ...anyFlags,
  set: (span, value) => {
    if (typeof value === 'bigint' && value !== BigInt.asUintN(32, value))
      throw new OttlRuntimeError(`flags have 32 bits, ${value} does not fit`);
    anyFlags.set!(span, value);
  },
};

export const SPAN_PATHS: f.PathTable<SpanView> = {
  attributes: f.attributesField('attributes'),
  dropped_attributes_count: f.int32Field('droppedAttributesCount', 'unsigned'),
  dropped_events_count: f.int32Field('droppedEventsCount', 'unsigned'),
  dropped_links_count: f.int32Field('droppedLinksCount', 'unsigned'),
  end_time: f.timeField('endTimeUnixNano'),
  end_time_unix_nano: f.nanosField('endTimeUnixNano'),
  events: f.partField('ptrace.SpanEventSlice', (span) => span.eventCount),
  flags: flagsField,
  kind: f.int32Field('kind', 'signed'),
  'kind.deprecated_string': kindTextField(KIND_SYMBOLS),
  'kind.string': kindTextField(KINDS),
  links: f.partField('ptrace.SpanLinkSlice', (span) => span.linkCount),
  name: f.stringField('name'),
  parent_span_id: f.idField('parentSpanId', 'span'),
  'parent_span_id.string': f.idTextField('parentSpanId', 'span'),
  span_id: f.idField('spanId', 'span'),
  'span_id.string': f.idTextField('spanId', 'span'),
  start_time: f.timeField('startTimeUnixNano'),
  start_time_unix_nano: f.nanosField('startTimeUnixNano'),
  status: f.partField('ptrace.Status', () => undefined),
  'status.code': f.int32Field('statusCode', 'signed'),
  'status.message': f.stringField('statusMessage'),
  trace_id: f.idField('traceId', 'trace'),
  'trace_id.string': f.idTextField('traceId', 'trace'),
  trace_state: {
    ...f.stringField<SpanView>('traceState'),
    isIndexable: true,
    entry: {
      get: (span, key) => traceStateEntry(span.traceState, key),
      set: (span, key, value) => {
        const state = setTraceStateEntry(span.traceState, key, value);
        if (state !== span.traceState) span.traceState = state;
      },
    },
  },
};
