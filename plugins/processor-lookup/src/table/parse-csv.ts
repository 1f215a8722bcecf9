import { CsvError, parse } from 'csv-parse/sync';
import type { CacheValue } from '../cache/cache-entry.ts';
import type { ParseTable, Table } from './table.ts';

export interface CsvSettings {
  readonly has_header: boolean;
  readonly delimiter: string;
  readonly key_column?: string;
  readonly key_column_index?: number;
  readonly value_column?: string;
  readonly value_column_index?: number;
}

/**
 * Reads RFC 4180. Columns are found by the header anew each time, so that a new file may have them in another order; without a
 * header they are called "0", "1", …. Rows without a key are left out; of equal keys the last counts.
 */
export function csvParser(settings: CsvSettings): ParseTable {
  return (content) => {
    const rows = rowsOf(content, settings.delimiter);
    const header = settings.has_header ? (rows.shift() ?? []) : [];
    const keyAt = settings.key_column_index ?? columnOf(header, settings.key_column ?? '', 'key');
    const { value_column: valueColumn } = settings;
    const valueAt =
      settings.value_column_index ?? (valueColumn === undefined ? undefined : columnOf(header, valueColumn, 'value'));
    const table = new Map<string, CacheValue>();
    for (const row of rows) {
      const key = row[keyAt];
      if (key === undefined) continue;
      if (valueAt === undefined) table.set(key, namedRow(row, header));
      else if (valueAt < row.length) table.set(key, row[valueAt]);
    }
    return table satisfies Table;
  };
}

function rowsOf(content: Uint8Array, delimiter: string): string[][] {
  try {
    return parse(Buffer.from(content.buffer, content.byteOffset, content.byteLength), {
      bom: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
    });
  } catch (error) {
    if (error instanceof CsvError) throw new Error(error.message, { cause: error });
    throw error;
  }
}

function columnOf(header: readonly string[], name: string, what: string): number {
  const index = header.indexOf(name);
  if (index >= 0) return index;
  const known = header.map((each) => JSON.stringify(each)).join(', ');
  throw new Error(`the ${what} column ${JSON.stringify(name)} is not in the header; there are ${known || 'none'}`);
}

function namedRow(row: readonly string[], header: readonly string[]): CacheValue {
  return Object.fromEntries(row.map((value, index) => [header[index] ?? String(index), value]));
}
