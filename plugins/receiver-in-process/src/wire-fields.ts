import { type ByteWriter, writeAnyValue } from '@millrace/otlp';
import type { Attributes, Origin } from './input.ts';

// Numbers of the fields are those of opentelemetry-proto 1.x: common.proto, resource.proto, logs.proto, trace.proto, metrics.proto.

/** Writes a request with one resource and one scope; `writeItems` writes the items (field 2 of the scope). */
export function writeRequest(out: ByteWriter, { resource, scope }: Origin, writeItems: () => void): void {
  const resourceItems = out.openField(1);
  if (resource !== undefined) {
    const header = out.openField(1);
    writeAttributes(out, 1, resource);
    out.close(header);
  }
  const scopeItems = out.openField(2);
  if (scope !== undefined) {
    const header = out.openField(1);
    writeText(out, 1, 'scope name', scope.name);
    if (scope.version !== undefined) out.stringField(2, scope.version);
    writeAttributes(out, 3, scope.attributes);
    out.close(header);
  }
  writeItems();
  out.close(scopeItems);
  out.close(resourceItems);
}

/** Writes each attribute that is not undefined as a KeyValue. */
export function writeAttributes(out: ByteWriter, field: number, attributes: Attributes = {}): void {
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    if (value === undefined) continue;
    const pair = out.openField(field);
    out.stringField(1, key);
    const inner = out.openField(2);
    writeAnyValue(out, value);
    out.close(inner);
    out.close(pair);
  }
}

/** @throws TypeError for what is no text, as programs without types may pass. */
export function writeText(out: ByteWriter, field: number, what: string, text: string): void {
  if (typeof text !== 'string') throw new TypeError(`its ${what} is ${String(text)}, not a text`);
  out.stringField(field, text);
}
