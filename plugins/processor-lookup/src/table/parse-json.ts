import type { CacheValue } from '../cache/cache-entry.ts';
import { keyTextOf, type ParseTable, type Table } from './table.ts';

export interface RowsSettings {
  readonly key_column?: string;
  readonly value_column?: string;
}

/** Reads a JSON object by key, or, with a key column, a list of rows. */
export function jsonParser(settings: RowsSettings): ParseTable {
  return (content) => tableOf(parseJson(textOf(content)), settings);
}

/** Reads one row a line. */
export function jsonLinesParser(settings: RowsSettings): ParseTable {
  return (content) => {
    const rows: CacheValue[] = [];
    for (const [index, line] of textOf(content).split('\n').entries()) {
      if (line.trim() === '') continue;
      try {
        rows.push(parseJson(line));
      } catch (cause) {
        throw new Error(`line ${index + 1}: ${(cause as Error).message}`, { cause });
      }
    }
    return tableOf(rows, settings);
  };
}

/** Integers beyond 2^53 stay exact: they become bigint. Throws SyntaxError. */
export function parseJson(text: string): CacheValue {
  // Looking at each value costs five times as much; nearly no text needs it.
  if (!LONG_INTEGER.test(text)) return JSON.parse(text) as CacheValue;
  return (JSON.parse as ParseWithSource)(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && INTEGER.test(source)
      ? int64(source, value)
      : value,
  ) as CacheValue;
}

const LONG_INTEGER = /\d{16}/;
const INTEGER = /^-?\d+$/;

/** ECMAScript's JSON.parse source text access, which TypeScript does not know yet. */
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

function int64(source: string, rounded: number): bigint | number {
  const value = BigInt(source);
  return BigInt.asIntN(64, value) === value ? value : rounded;
}

/** What a document says, as a table. */
export function tableOf(document: CacheValue, { key_column, value_column }: RowsSettings): Table {
  const table = new Map<string, CacheValue>();
  if (Array.isArray(document)) {
    if (key_column === undefined) throw new Error('it holds a list; key_column must say by what its rows are found');
    for (const [index, row] of (document as readonly CacheValue[]).entries()) {
      if (!isRow(row)) throw new Error(`entry ${index + 1} of the list is no object`);
      const key = keyTextOf(row[key_column]);
      if (key !== undefined) put(table, key, row, value_column);
    }
    return table;
  }
  if (!isRow(document)) throw new Error('it holds neither an object nor a list');
  for (const [key, value] of Object.entries(document)) put(table, key, value, value_column);
  return table;
}

function put(table: Map<string, CacheValue>, key: string, value: CacheValue, column: string | undefined): void {
  if (column === undefined) table.set(key, value);
  else if (isRow(value) && value[column] !== undefined) table.set(key, value[column]);
}

function isRow(value: CacheValue): value is { readonly [key: string]: CacheValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function textOf(content: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(content);
}
