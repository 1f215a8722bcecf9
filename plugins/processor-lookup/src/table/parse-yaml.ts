import { parse } from 'yaml';
import type { CacheValue } from '../cache/cache-entry.ts';
import { type RowsSettings, tableOf } from './parse-json.ts';
import type { ParseTable } from './table.ts';

/** Reads a mapping by key, or, with a key column, a list of rows. */
export function yamlParser(settings: RowsSettings): ParseTable {
  return (content) => {
    const document = parse(new TextDecoder().decode(content), { intAsBigInt: true, maxAliasCount: 100 }) as unknown;
    return document === null ? new Map() : tableOf(document as CacheValue, settings);
  };
}
