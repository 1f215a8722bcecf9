import type { ByteWriter } from '@millrace/otlp';
import type { Origin, SpanInput, SpanKind } from './input.ts';
import { eachRecord, idBytes, oneOf, type RecordKind, unixNano } from './record-fields.ts';
import { writeAttributes, writeRequest, writeText } from './wire-fields.ts';

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

/** Writes plain spans as OTLP. */
export function encodeTraces(out: ByteWriter, records: readonly SpanInput[], origin: Origin): void {
  writeRequest(out, origin, () => {
    eachRecord(KIND, records.entries(), (record) => {
      const mark = out.openField(2);
      writeSpan(out, record);
      out.close(mark);
    });
  });
}

function writeSpan(out: ByteWriter, span: SpanInput): void {
  const { name, traceId, spanId, parentSpanId, kind = 'internal', start, end, attributes } = span;
  out.bytesField(1, idBytes('trace id', traceId, 32));
  out.bytesField(2, idBytes('span id', spanId, 16));
  if (span.traceState !== undefined) writeText(out, 3, 'traceState', span.traceState);
  if (parentSpanId !== undefined) out.bytesField(4, idBytes('span id', parentSpanId, 16));
  writeText(out, 5, 'name', name);
  out.uint32Field(6, oneOf('kind', kind, KINDS));
  out.fixed64Field(7, unixNano(start));
  out.fixed64Field(8, unixNano(end));
  writeAttributes(out, 9, attributes);
  writeParts(out, span);
  if (span.traceFlags !== undefined) out.fixed32Field(16, span.traceFlags);
}

function writeParts(out: ByteWriter, { events = [], links = [], status }: SpanInput): void {
  for (const { name, time, attributes } of events) {
    const mark = out.openField(11);
    out.fixed64Field(1, unixNano(time));
    writeText(out, 2, 'event name', name);
    writeAttributes(out, 3, attributes);
    out.close(mark);
  }
  for (const { traceId, spanId, attributes } of links) {
    const mark = out.openField(13);
    out.bytesField(1, idBytes('trace id', traceId, 32));
    out.bytesField(2, idBytes('span id', spanId, 16));
    writeAttributes(out, 4, attributes);
    out.close(mark);
  }
  if (status === undefined) return;
  const mark = out.openField(15);
  if (status.message !== undefined) writeText(out, 2, 'status message', status.message);
  out.uint32Field(3, oneOf('status code', status.code, STATUS_CODES));
  out.close(mark);
}
