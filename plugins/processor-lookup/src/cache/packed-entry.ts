import { Packr } from 'msgpackr';
import type { CacheEntry, CacheValue } from './cache-entry.ts';

/** MessagePack without extensions, so that any program can read it; maps become objects without a prototype chain to set. */
const PACKR = new Packr({ useRecords: false, moreTypes: false, mapsAsObjects: true });

/** Several entries in one piece: key, expiry, whether there is a value, and the value. */
type Packed = (string | number | boolean | CacheValue)[];

/** The result is a copy that the caller owns. */
export function packEntries(entries: Iterable<readonly [string, CacheEntry]>): Uint8Array {
  const packed: Packed = [];
  for (const [key, { value, expiresAtMs }] of entries)
    packed.push(key, expiresAtMs, value !== undefined, value ?? null);
  return Uint8Array.from(PACKR.pack(packed));
}

/** @throws Error for what is no such piece */
export function unpackEntries(bytes: Uint8Array): Map<string, CacheEntry> {
  const packed = PACKR.unpack(bytes) as unknown;
  if (!Array.isArray(packed) || packed.length % 4 !== 0) throw new Error('these are no cache entries');
  const entries = new Map<string, CacheEntry>();
  for (let at = 0; at < packed.length; at += 4) {
    const [key, expiresAtMs, exists, value] = packed.slice(at, at + 4) as [string, number, boolean, CacheValue];
    if (typeof key !== 'string' || typeof expiresAtMs !== 'number') throw new Error('this is no cache entry');
    entries.set(key, { value: exists ? value : undefined, expiresAtMs });
  }
  return entries;
}
