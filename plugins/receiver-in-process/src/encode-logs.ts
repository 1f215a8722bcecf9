import { LogsBuilder, type LogRecordView } from '@millrace/otlp';
import type { LogInput, Origin, Severity } from './input.ts';
import { eachRecord, hexId, oneOf, openScope, type RecordKind, setAttributes, unixNano } from './record-fields.ts';

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

/** OTLP of plain log records. */
export function encodeLogs(records: readonly LogInput[], origin: Origin): Uint8Array {
  const builder = new LogsBuilder();
  const scope = openScope(builder, origin);
  const now = unixNano(Date.now());
  eachRecord(KIND, records.entries(), (record) => writeLog(scope.addRecord(), record, now));
  return builder.toBytes();
}

function writeLog(to: LogRecordView, record: LogInput, now: bigint): void {
  const { body, severity, severityText, time, attributes, eventName, traceId, spanId, traceFlags } = record;
  to.timeUnixNano = time === undefined ? now : unixNano(time);
  to.observedTimeUnixNano = now;
  if (severity !== undefined) to.severityNumber = severityNumber(severity);
  const text = severityText ?? (typeof severity === 'string' ? severity.toUpperCase() : undefined);
  if (text !== undefined) to.severityText = text;
  if (body !== undefined) to.body = body;
  setAttributes(to.attributes, attributes);
  if (eventName !== undefined) to.eventName = eventName;
  if (traceId !== undefined) to.traceId = hexId('trace id', traceId, 32);
  if (spanId !== undefined) to.spanId = hexId('span id', spanId, 16);
  if (traceFlags !== undefined) to.flags = traceFlags;
}

function severityNumber(severity: Severity | number): number {
  if (typeof severity === 'string') return oneOf('severity', severity, SEVERITIES);
  if (Number.isInteger(severity) && severity >= 0 && severity <= SEVERITY_MAX) return severity;
  throw new RangeError(`${severity} is no severity: numbers go from 1 to ${SEVERITY_MAX}`);
}
