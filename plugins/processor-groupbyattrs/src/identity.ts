import type { AttributesView } from '@millrace/otlp';

/** Attributes by key, with each value's bytes as a text that can be compared. */
export type Entries = ReadonlyMap<string, string>;

export function entriesOf(attributes: AttributesView): Map<string, string> {
  const entries = new Map<string, string>();
  for (const key of attributes.keys()) if (!entries.has(key)) entries.set(key, textOf(attributes.raw(key)));
  return entries;
}

/** One character a byte. */
export function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** A text that two sets of attributes share exactly when they are the same, whatever their order. */
export function identityOf(entries: Entries): string {
  return JSON.stringify([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is known of an instrumentation scope. */
interface ScopeHeader {
  readonly name: string;
  readonly version: string;
  readonly attributes: AttributesView;
}

export function scopeIdentityOf({ name, version, attributes }: ScopeHeader): string {
  return JSON.stringify([name, version, attributes.size === 0 ? '' : identityOf(entriesOf(attributes))]);
}
