import { type Logger, messageOf } from '@millrace/api';
import { dirname } from 'node:path';
import type { Backup, BackupNames } from './backup-names.ts';
import type { FileSystem } from './file-system.ts';

export interface BackupLimits {
  /** 0: no limit. */
  readonly max_days: number;
  /** 0: no limit. */
  readonly max_backups: number;
}

/** Renames files of one path, and removes those that are too old or too many. */
export class Backups {
  readonly #path: string;
  readonly #names: BackupNames;
  readonly #fs: FileSystem;
  readonly #logger: Logger;

  constructor(path: string, names: BackupNames, { fs, logger }: { fs: FileSystem; logger: Logger }) {
    this.#path = path;
    this.#names = names;
    this.#fs = fs;
    this.#logger = logger;
  }

  /** Renames the file at the path, if it is still there, to a name that nothing has yet. */
  async add(nowMs: number, note?: string): Promise<void> {
    if ((await this.#fs.stat(this.#path)) === undefined) return;
    for (let atMs = nowMs; ; atMs++) {
      const target = this.#names.pathAt(atMs, note);
      if ((await this.#fs.stat(target)) !== undefined) continue;
      await this.#fs.rename(this.#path, target);
      await this.#fs.syncDirectory(dirname(this.#path));
      return;
    }
  }

  /** Removes what the limits say. Trouble with that is logged and tried again after the next rotation. */
  async prune(nowMs: number, { max_days, max_backups }: BackupLimits): Promise<void> {
    if (max_days === 0 && max_backups === 0) return;
    try {
      const backups = await this.#newestFirst();
      const kept = max_backups === 0 ? backups.length : max_backups;
      const oldestMs = max_days === 0 ? Number.NEGATIVE_INFINITY : nowMs - max_days * DAY_MS;
      for (const [index, { path, atMs }] of backups.entries()) {
        if (index >= kept || atMs < oldestMs) await this.#fs.remove(path);
      }
    } catch (error) {
      this.#logger.warn('cannot remove old files', { path: this.#path, reason: messageOf(error) });
    }
  }

  async #newestFirst(): Promise<Backup[]> {
    const names = await this.#fs.list(dirname(this.#path));
    const backups = names.map((name) => this.#names.parse(name)).filter((backup) => backup !== undefined);
    return backups.sort((one, other) => other.atMs - one.atMs);
  }
}

const DAY_MS = 24 * 60 * 60 * 1000;
