import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Changes with the format: a file of another one is begun anew. */
const FORMAT = 1;
const PAGE_BYTES = 4096;
const LOG_BYTES_MAX = 4 * 1024 * 1024;

/** What the cache on disk asks of its file. */
export interface Statements {
  readonly get: StatementSync;
  readonly put: StatementSync;
  readonly touch: StatementSync;
  readonly size: StatementSync;
  readonly remove: StatementSync;
  readonly oldest: StatementSync;
}

/** Takes the file for itself, looks whether it is whole, and makes the table. */
export function prepareFile(database: DatabaseSync, bytesMax: number): Statements {
  database.exec(`
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA journal_size_limit = ${LOG_BYTES_MAX};
    BEGIN EXCLUSIVE; COMMIT;`);
  const check = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (check !== 'ok') throw new DamageError(String(check));
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version !== 0 && version !== FORMAT) throw new DamageError(`the file has format ${version}, not ${FORMAT}`);
  // Twice the rows' bytes: pages are not always full.
  const pagesMax = 64 + Math.ceil((2 * bytesMax) / PAGE_BYTES);
  database.exec(`
    PRAGMA max_page_count = ${pagesMax};
    CREATE TABLE IF NOT EXISTS entries (
      key TEXT PRIMARY KEY, value BLOB NOT NULL, checksum INTEGER NOT NULL, used INTEGER NOT NULL, bytes INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS entries_by_use ON entries (used);
    PRAGMA user_version = ${FORMAT};`);
  return {
    get: database.prepare('SELECT value, checksum FROM entries WHERE key = ?'),
    put: database.prepare('REPLACE INTO entries (key, value, checksum, used, bytes) VALUES (?, ?, ?, ?, ?)'),
    touch: database.prepare('UPDATE entries SET used = ? WHERE key = ?'),
    size: database.prepare('SELECT bytes FROM entries WHERE key = ?'),
    remove: database.prepare('DELETE FROM entries WHERE key = ?'),
    oldest: database.prepare('SELECT key, bytes FROM entries ORDER BY used LIMIT 1000'),
  };
}

/** The file is not what it was when it was written. */
export class DamageError extends Error {}

/** Of SQLite's result codes. */
const SQLITE_ERROR = 1;
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function resultCode(error: unknown): number | undefined {
  const code = (error as { readonly errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Somebody else holds the file. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === SQLITE_BUSY;
}

/** Whether the file is to be thrown away. Also a table with other columns than ours, which is an error of the statements. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return error instanceof DamageError || code === SQLITE_CORRUPT || code === SQLITE_NOTADB || code === SQLITE_ERROR;
}
