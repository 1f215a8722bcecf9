/** What a cache can keep: plain data. */
export type CacheValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly CacheValue[]
  | { readonly [key: string]: CacheValue };

/** An answer of the source, and how long it counts. */
export interface CacheEntry {
  /** Undefined: the source has nothing under this key. */
  readonly value: CacheValue | undefined;
  /** Milliseconds since the Unix epoch; Infinity for answers that do not age. */
  readonly expiresAtMs: number;
}

/** What V8 needs for an entry, its key and its place in a map, beside the contents. */
const ENTRY_BYTES = 160;
const VALUE_BYTES = 16;
const DEPTH_MAX = 64;

/** About how much heap an entry takes, in bytes. */
export function entryBytes(key: string, { value }: CacheEntry): number {
  return ENTRY_BYTES + 2 * key.length + (value === undefined ? 0 : valueBytes(value, 0));
}

function valueBytes(value: CacheValue, depth: number): number {
  if (typeof value === 'string') return VALUE_BYTES + 2 * value.length;
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return VALUE_BYTES;
  if (value instanceof Uint8Array) return 6 * VALUE_BYTES + value.length;
  let bytes = 2 * VALUE_BYTES;
  if (Array.isArray(value)) {
    for (const each of value as readonly CacheValue[]) bytes += 8 + valueBytes(each, depth + 1);
    return bytes;
  }
  for (const [key, each] of Object.entries(value)) bytes += VALUE_BYTES + key.length + valueBytes(each, depth + 1);
  return bytes;
}
