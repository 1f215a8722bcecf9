import { hash } from 'node:crypto';
import { type AttributesView, type LogRecordView, readAnyValue } from '@millrace/otlp';
import { formatValue } from '@millrace/rules';
import type { FieldPath } from './field-path.ts';

/** One character a byte. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Attributes as a text that is the same in any order of them. */
export function attributesText(attributes: AttributesView): string {
  const parts: string[] = [];
  for (const key of attributes.keys()) {
    const value = latin1(attributes.raw(key) as Uint8Array);
    parts.push(`${key.length}:${key}${value.length}:${value}`);
  }
  return parts.length < 2 ? parts.join('') : parts.toSorted().join('');
}

/**
 * Equal records have equal identities: 132 bits, so that no two others have. Records are equal by their attributes, body and
 * severity, or by some fields only, if they have one of them.
 */
export function recordIdentity(record: LogRecordView, fields: readonly FieldPath[]): string {
  const chosen = fields.map((field) => field.valueIn(record));
  const text = chosen.some((value) => value !== undefined) ? fieldsText(chosen) : wholeText(record);
  return hash('sha256', text, 'base64url').slice(0, 22);
}

/** As in the Collector, fields are compared as texts. */
function fieldsText(values: readonly (Uint8Array | undefined)[]): string {
  return JSON.stringify(
    values.map((value) => (value === undefined ? null : formatValue(readAnyValue(value, 0, value.length)))),
  );
}

function wholeText({ attributes, bodyField, severityNumber, severityText }: LogRecordView): string {
  return JSON.stringify([severityNumber, severityText, latin1(bodyField.raw), attributesText(attributes)]);
}
