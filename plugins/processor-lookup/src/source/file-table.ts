import { open, stat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { type Clock, ComponentError, type Logger, messageOf } from '@millrace/api';
import type { ParseTable, Table } from '../table/table.ts';
import type { Finding, TableSource } from './lookup-source.ts';

export interface FileTableOptions {
  readonly path: string;
  readonly parse: ParseTable;
  /** How often to look whether there is another file, in milliseconds; 0: never. */
  readonly reloadIntervalMs: number;
  readonly bytesMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onReload: (succeeded: boolean) => void;
}

/** A table from a file, read at the start and whenever it has changed. A file that is broken leaves the table as it was. */
export class FileTable implements TableSource {
  readonly kind = 'table';
  readonly #options: FileTableOptions;
  #table: Table = new Map();
  /** Which state of the file was read last, successfully or not. */
  #seen = '';
  /** What was wrong when it was last looked at; said once. */
  #problem = '';
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(options: FileTableOptions) {
    this.#options = options;
  }

  find(key: string): Finding {
    return this.#table.get(key);
  }

  async start(): Promise<void> {
    const { path } = this.#options;
    try {
      await this.#load();
    } catch (cause) {
      throw new ComponentError(`cannot use the table "${path}": ${messageOf(cause)}`, {
        code: 'TABLE_UNUSABLE',
        remedy: 'check source.path and what the file holds',
        cause,
      });
    }
    this.#arm();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #arm(): void {
    const { clock, reloadIntervalMs } = this.#options;
    if (reloadIntervalMs === 0 || this.#isStopped) return;
    this.#cancel = clock.after(reloadIntervalMs, () => void this.#look().finally(() => this.#arm()));
  }

  async #look(): Promise<void> {
    const { path, logger, onReload } = this.#options;
    try {
      if (stateOf(await stat(path, { bigint: true })) === this.#seen) return;
      await this.#load();
      this.#problem = '';
      onReload(true);
      logger.info('read the table again', { path, entries: this.#table.size });
    } catch (error) {
      const problem = messageOf(error);
      if (problem === this.#problem) return;
      this.#problem = problem;
      onReload(false);
      logger.error('cannot read the table again, and keeps the old one', { path, error: problem });
    }
  }

  async #load(): Promise<void> {
    const { path, parse, bytesMax } = this.#options;
    await using file = await open(path);
    const before = await file.stat({ bigint: true });
    if (before.size > BigInt(bytesMax)) {
      throw new Error(`it has ${before.size} bytes, and max_file_bytes is ${bytesMax}`);
    }
    const content = await file.readFile();
    const after = stateOf(await file.stat({ bigint: true }));
    if (after !== stateOf(before)) throw new Error('it is being written');
    this.#seen = after;
    this.#table = parse(content);
  }
}

/** Changes with the file: when it is written, and when another takes its place. */
function stateOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
