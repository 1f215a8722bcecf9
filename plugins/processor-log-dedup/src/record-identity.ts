import { hash } from 'node:crypto';
import { type AttributesView, type LogRecordView, readAnyValue, WireReader } from '@millrace/otlp';
import { formatValue } from '@millrace/rules';
import type { FieldPath } from './field-path.ts';

/** Attributes of a resource or scope as a text that is the same in any order of them. */
export function attributesText(attributes: AttributesView): string {
  const parts: string[] = [];
  for (const key of attributes.keys()) {
    const value = Buffer.from(attributes.raw(key) as Uint8Array).toString('latin1');
    parts.push(`${key.length}:${key}${value.length}:${value}`);
  }
  return parts.toSorted().join('');
}

/**
 * Equal records have equal identities: 132 bits, so that no two others have. Records are equal by their attributes, body and
 * severity, or by some fields only, if they have one of them.
 */
export function recordIdentity(record: LogRecordView, fields: readonly FieldPath[]): string {
  const text = fieldsText(record, fields) ?? wholeText(record.toBytes());
  return hash('sha256', text, 'base64url').slice(0, 22);
}

/** As in the Collector, fields are compared as texts. Undefined where the record has none of them. */
function fieldsText(record: LogRecordView, fields: readonly FieldPath[]): string | undefined {
  if (fields.length === 0) return undefined;
  const values = fields.map((field) => field.valueIn(record));
  if (values.every((value) => value === undefined)) return undefined;
  return JSON.stringify(
    values.map((value) => (value === undefined ? null : formatValue(readAnyValue(value, 0, value.length)))),
  );
}

/* Fields of a LogRecord by their tags. */
const SEVERITY_NUMBER = 2 << 3;
const SEVERITY_TEXT = (3 << 3) | 2;
const BODY = (5 << 3) | 2;
const ATTRIBUTE = (6 << 3) | 2;

/** The bytes of what is compared, one character each. Nothing is decoded: this is done for every record. */
function wholeText(record: Uint8Array): string {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.length);
  const attributes: string[] = [];
  let severity = '';
  let severityText = '';
  let body = '';
  for (const reader = new WireReader(record); !reader.done;) {
    const tag = reader.tag();
    const start = reader.pos;
    reader.skip(tag);
    if (tag === ATTRIBUTE) attributes.push(bytes.toString('latin1', start, reader.pos));
    else if (tag === BODY) body = bytes.toString('latin1', start, reader.pos);
    else if (tag === SEVERITY_NUMBER) severity = bytes.toString('latin1', start, reader.pos);
    else if (tag === SEVERITY_TEXT) severityText = bytes.toString('latin1', start, reader.pos);
  }
  // Texts and attributes begin with their lengths, so that none can be taken for a part of another.
  return `${severity}|${severityText}|${body}|${attributes.sort().join('')}`;
}
