import { isUtf8 } from 'node:buffer';
import type { JweContent } from '@millrace/codec';
import { encodeAnyValue, InvalidMessage, jsonToProto, LogsBatch } from '@millrace/otlp';

/**
 * The AnyValue that was encrypted, as wire bytes. A content of type `json` that is an AnyValue in OTLP/JSON becomes that; one of
 * type `octet-stream`, or that is no UTF-8, becomes bytes; and everything else, whoever has encrypted it, a string.
 */
export function restoredValue({ plaintext, contentType }: JweContent): Uint8Array {
  const type = contentType?.toLowerCase().replace(/^application\//, '');
  if (type === 'octet-stream' || !isUtf8(plaintext)) return encodeAnyValue(plaintext);
  const text = plaintext.toString();
  return (type === 'json' ? anyValueOf(text) : undefined) ?? encodeAnyValue(text);
}

const KINDS = new Set([
  'stringValue',
  'boolValue',
  'intValue',
  'doubleValue',
  'arrayValue',
  'kvlistValue',
  'bytesValue',
]);

/** Undefined for any other JSON. */
function anyValueOf(text: string): Uint8Array | undefined {
  try {
    // Parsed before it goes into a request, so that it can be nothing but one value there.
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const kinds = Object.keys(value);
    if (kinds.length > 1 || kinds.some((kind) => !KINDS.has(kind))) return undefined;
    const request = jsonToProto('logs', `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${text}}]}]}]}`);
    for (const record of LogsBatch.of([request]).records) return record.bodyField.raw;
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof InvalidMessage)) throw error;
  }
  return undefined;
}
