import { type ByteWriter, writeAnyValue } from '@millrace/otlp';
import type { LogInput, Origin, Severity } from './input.ts';
import { eachRecord, idBytes, oneOf, type RecordKind, unixNano } from './record-fields.ts';
import { writeAttributes, writeRequest, writeText } from './wire-fields.ts';

const SEVERITIES: Readonly<Record<Severity, number>> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };
const SEVERITY_MAX = 24;

const FIELDS: Readonly<Record<keyof LogInput, true>> = {
  body: true,
  severity: true,
  severityText: true,
  time: true,
  attributes: true,
  eventName: true,
  traceId: true,
  spanId: true,
  traceFlags: true,
};
const KIND: RecordKind = { what: 'log record', fields: new Set(Object.keys(FIELDS)) };

/** Writes plain log records as OTLP. */
export function encodeLogs(out: ByteWriter, records: readonly LogInput[], origin: Origin): void {
  const now = unixNano(Date.now());
  writeRequest(out, origin, () => {
    eachRecord(KIND, records.entries(), (record) => {
      const mark = out.openField(2);
      writeLog(out, record, now);
      out.close(mark);
    });
  });
}

function writeLog(out: ByteWriter, record: LogInput, now: bigint): void {
  const { body, severity, severityText, time, attributes, eventName, traceId, spanId, traceFlags } = record;
  out.fixed64Field(1, time === undefined ? now : unixNano(time));
  out.fixed64Field(11, now);
  if (severity !== undefined) out.uint32Field(2, severityNumber(severity));
  const text = severityText ?? (typeof severity === 'string' ? severity.toUpperCase() : undefined);
  if (text !== undefined) writeText(out, 3, 'severityText', text);
  if (body !== undefined) {
    const mark = out.openField(5);
    writeAnyValue(out, body);
    out.close(mark);
  }
  writeAttributes(out, 6, attributes);
  if (traceFlags !== undefined) out.fixed32Field(8, traceFlags);
  if (traceId !== undefined) out.bytesField(9, idBytes('trace id', traceId, 32));
  if (spanId !== undefined) out.bytesField(10, idBytes('span id', spanId, 16));
  if (eventName !== undefined) writeText(out, 12, 'eventName', eventName);
}

function severityNumber(severity: Severity | number): number {
  if (typeof severity === 'string') return oneOf('severity', severity, SEVERITIES);
  if (Number.isInteger(severity) && severity >= 0 && severity <= SEVERITY_MAX) return severity;
  throw new RangeError(`${severity} is no severity: numbers go from 1 to ${SEVERITY_MAX}`);
}
