import type { CacheValue } from '../cache/cache-entry.ts';

/** The part of a value that a JSON pointer (RFC 6901) names; undefined where there is none. */
export function valueAt(value: CacheValue, pointer: string): CacheValue | undefined {
  let found: CacheValue | undefined = value;
  for (const token of pointer.split('/').slice(1)) {
    if (typeof found !== 'object' || found === null || found instanceof Uint8Array) return undefined;
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!Object.hasOwn(found, name)) return undefined;
    found = (found as { readonly [key: string]: CacheValue })[name];
  }
  return found;
}
