import type { CacheValue } from '../cache/cache-entry.ts';

/** Values by key. */
export type Table = ReadonlyMap<string, CacheValue>;

/** Makes a table of a file's content. Throws an Error that says what is wrong, and where. */
export type ParseTable = (content: Uint8Array) => Table;

/** A column by which a row is found: its text, as lookups write keys. Undefined for what is no key. */
export function keyTextOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}
