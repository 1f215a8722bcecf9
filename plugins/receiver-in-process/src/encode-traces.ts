import { type SpanView, TracesBuilder } from '@millrace/otlp';
import type { Origin, SpanInput, SpanKind } from './input.ts';
import { eachRecord, hexId, oneOf, openScope, type RecordKind, setAttributes, unixNano } from './record-fields.ts';

const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };
const STATUS_CODES = { ok: 1, error: 2 } as const;

const FIELDS: Readonly<Record<keyof SpanInput, true>> = {
  name: true,
  traceId: true,
  spanId: true,
  parentSpanId: true,
  kind: true,
  start: true,
  end: true,
  attributes: true,
  status: true,
  events: true,
  links: true,
  traceState: true,
  traceFlags: true,
};
const KIND: RecordKind = { what: 'span', fields: new Set(Object.keys(FIELDS)) };

/** OTLP of plain spans. */
export function encodeTraces(records: readonly SpanInput[], origin: Origin): Uint8Array {
  const builder = new TracesBuilder();
  const scope = openScope(builder, origin);
  eachRecord(KIND, records.entries(), (record) => writeSpan(scope.addSpan(), record));
  return builder.toBytes();
}

function writeSpan(to: SpanView, span: SpanInput): void {
  const { name, traceId, spanId, parentSpanId, kind = 'internal', start, end, attributes, status } = span;
  to.name = name;
  to.traceId = hexId('trace id', traceId, 32);
  to.spanId = hexId('span id', spanId, 16);
  if (parentSpanId !== undefined) to.parentSpanId = hexId('span id', parentSpanId, 16);
  to.kind = oneOf('kind', kind, KINDS);
  to.startTimeUnixNano = unixNano(start);
  to.endTimeUnixNano = unixNano(end);
  setAttributes(to.attributes, attributes);
  if (status !== undefined) {
    to.statusCode = oneOf('status code', status.code, STATUS_CODES);
    if (status.message !== undefined) to.statusMessage = status.message;
  }
  if (span.traceState !== undefined) to.traceState = span.traceState;
  if (span.traceFlags !== undefined) to.flags = span.traceFlags;
  writeParts(to, span);
}

function writeParts(to: SpanView, { events = [], links = [] }: SpanInput): void {
  for (const { name, time, attributes } of events) {
    const event = to.addEvent();
    event.name = name;
    event.timeUnixNano = unixNano(time);
    setAttributes(event.attributes, attributes);
  }
  for (const { traceId, spanId, attributes } of links) {
    const link = to.addLink();
    link.traceId = hexId('trace id', traceId, 32);
    link.spanId = hexId('span id', spanId, 16);
    setAttributes(link.attributes, attributes);
  }
}
