import type { ConfigNode, MapEntry, MapNode } from './node.ts';

/**
 * Lays a later source over an earlier one, as the Collector does: maps merge deeply, everything else is replaced, so
 * a list replaces a list and a null erases what was there. Keys keep the order in which they first appeared.
 */
export function merge(base: ConfigNode, over: ConfigNode): ConfigNode {
  return base.kind === 'map' && over.kind === 'map' ? mergeMaps(base, over) : over;
}

function mergeMaps(base: MapNode, over: MapNode): MapNode {
  const entries = new Map<string, MapEntry>(base.entries);
  for (const [key, entry] of over.entries) {
    const existing = entries.get(key);
    entries.set(key, existing === undefined ? entry : { key: entry.key, value: merge(existing.value, entry.value) });
  }
  return { kind: 'map', origin: base.origin, entries };
}
