import { ComponentError, type Logger, messageOf } from '@millrace/api';
import { closeSync, openSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errnoOf } from './file-system.ts';

/** The right to write a path, for as long as it is referred to and not released. */
export interface WriteLock {
  /** Whoever wrote the path last did not finish: it crashed, or could not write to the end. */
  readonly isLeftover: boolean;
  /** Gives the right up, once. `finished`: the file is complete; otherwise the next one to come learns that it is not. */
  release(how: { finished: boolean }): void;
}

/**
 * Takes the right to write `path`. The lock is the operating system's (SQLite's file locks, which Node brings along and which
 * Node itself does not offer): it ends with the process, however that ends, and holds across containers that share a disk.
 * The lock file `.name.lock` beside the path is empty; that it is still there tells of a crash.
 *
 * @throws {ComponentError} `PATH_IN_USE`; or the file system's error if the lock file cannot be made
 */
export function lockPath(path: string, logger: Logger): WriteLock {
  const lockFile = join(dirname(path), `.${basename(path)}.lock`);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const isLeftover = !create(lockFile);
    const database = exclusively(lockFile, path, logger);
    // Whoever held it before may have removed the file between our two steps: then ours is a lock on nothing.
    if (database !== undefined && statSync(lockFile, { throwIfNoEntry: false }) === undefined) {
      database.close();
      continue;
    }
    return {
      isLeftover,
      release({ finished }) {
        if (database?.isOpen === false) return;
        if (finished) remove(lockFile);
        database?.close();
      },
    };
  }
  throw inUse(path, lockFile);
}

/** Makes an empty file; false if there is one. An existing one is never opened here: closing it would end the locks that this process holds on it. */
function create(lockFile: string): boolean {
  try {
    closeSync(openSync(lockFile, 'wx', 0o600));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function exclusively(lockFile: string, path: string, logger: Logger): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(lockFile);
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw inUse(path, lockFile);
    logger.warn('this file system has no locks: nothing stops another process from writing the same file', {
      path,
      reason: messageOf(error),
    });
    return undefined;
  }
}

function remove(lockFile: string): void {
  try {
    unlinkSync(lockFile);
  } catch {
    // Then the next start takes the file for a crashed one's, and sets it aside: untidy, not wrong.
  }
}

function inUse(path: string, lockFile: string): ComponentError {
  return new ComponentError(`cannot write "${path}": another exporter or process writes it (it holds "${lockFile}")`, {
    code: 'PATH_IN_USE',
    remedy: 'give each exporter a path of its own, or stop the other process',
  });
}

const SQLITE_BUSY = 5;
const ATTEMPTS_MAX = 3;
