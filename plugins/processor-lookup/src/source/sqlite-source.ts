import { stat } from 'node:fs/promises';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Clock, ComponentError, type Logger, messageOf } from '@millrace/api';
import type { CacheValue } from '../cache/cache-entry.ts';
import type { Finding, RemoteSource } from './lookup-source.ts';

export interface SqliteSourceOptions {
  readonly path: string;
  /** With one parameter, `?` or `:key`. */
  readonly query: string;
  /** How long to wait for a writer of the file, in milliseconds. */
  readonly timeoutMs: number;
  /** How often to look whether another file has taken its place, in milliseconds; 0: never. */
  readonly reloadIntervalMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onReload: (succeeded: boolean) => void;
}

interface Opened {
  readonly database: DatabaseSync;
  readonly statement: StatementSync;
}

/**
 * Asks an SQLite file, which is opened for reading only. The key is always a parameter of the query, never part of its text.
 * Queries run on the main thread: they need an index.
 */
export class SqliteSource implements RemoteSource {
  readonly kind = 'remote';
  readonly concurrency = 1;
  readonly #options: SqliteSourceOptions;
  readonly #isNamed: boolean;
  #opened: Opened | undefined;
  #inode = '';
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(options: SqliteSourceOptions) {
    this.#options = options;
    this.#isNamed = NAMED_PARAMETER.test(options.query);
  }

  async start(): Promise<void> {
    const { path } = this.#options;
    try {
      this.#inode = await inodeOf(path);
      this.#opened = this.#open();
    } catch (cause) {
      throw new ComponentError(`cannot ask "${path}": ${messageOf(cause)}`, {
        code: 'DATABASE_UNUSABLE',
        remedy: 'check source.path and source.query',
        cause,
      });
    }
    this.#arm();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  ask(key: string): Promise<Finding> {
    return new Promise((resolve) => {
      if (this.#opened === undefined) throw new Error('the database is closed');
      resolve(findingOf(this.#run(this.#opened.statement, key)));
    });
  }

  #run(statement: StatementSync, key: string): Readonly<Record<string, unknown>> | undefined {
    return this.#isNamed ? statement.get({ key }) : statement.get(key);
  }

  #open(): Opened {
    const { path, query, timeoutMs } = this.#options;
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const database = new DatabaseSync(path, { readOnly: true, timeout: timeoutMs });
    try {
      const statement = database.prepare(query);
      statement.setReadBigInts(true);
      // Columns and parameters that do not exist are found out now.
      this.#run(statement, '');
      return { database, statement };
    } catch (error) {
      database.close();
      throw error;
    }
  }

  #arm(): void {
    const { clock, reloadIntervalMs } = this.#options;
    if (reloadIntervalMs === 0 || this.#isStopped) return;
    this.#cancel = clock.after(reloadIntervalMs, () => void this.#look().finally(() => this.#arm()));
  }

  async #look(): Promise<void> {
    const { path, logger, onReload } = this.#options;
    try {
      const inode = await inodeOf(path);
      if (inode === this.#inode || this.#isStopped) return;
      this.#inode = inode;
      const before = this.#opened;
      this.#opened = this.#open();
      before?.database.close();
      onReload(true);
      logger.info('opened the new database', { path });
    } catch (error) {
      onReload(false);
      logger.error('cannot open the new database, and keeps the old one', { path, error: messageOf(error) });
    }
  }
}

/** As node:sqlite takes it without its first character. */
const NAMED_PARAMETER = /[:@$]key\b/;

async function inodeOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true });
  return `${dev} ${ino}`;
}

/** One column is a value, several are values by name. NULL is nothing. */
function findingOf(row: Readonly<Record<string, unknown>> | undefined): Finding {
  if (row === undefined) return undefined;
  const columns = Object.entries(row as Readonly<Record<string, CacheValue>>);
  if (columns.length !== 1) return Object.fromEntries(columns);
  const [[, value]] = columns;
  return value === null ? undefined : value;
}
