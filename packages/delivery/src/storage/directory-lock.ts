import path from 'node:path';
import { ComponentError } from '@millrace/api';
import type { Clock } from '@millrace/api';
import { LOCK } from './directory-layout.ts';
import { codeOf } from './file-system.ts';
import type { FileSystem } from './file-system.ts';
import type { Owner, Processes } from './owner.ts';
import { readWhole, unlinkIfThere, writeWhole } from './whole-file.ts';

const TRIES_MAX = 8;
/** How often the holder shows that it lives, for those who can't see its process. */
const HEARTBEAT_MS = 5000;
/** How long a lock of a process that can't be seen must be still before it is taken over. */
const STILL_MS = 3 * HEARTBEAT_MS;

interface Holder extends Owner {
  /** Tells one lock from the next. */
  readonly nonce: string;
}

export interface LockOptions {
  readonly files: FileSystem;
  readonly directory: string;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
}

/**
 * One process to a directory, by a file that says who. The file of a process that has died is taken over: at once
 * where that can be seen (same machine and container), else when it gave no sign of life for a while.
 */
export class DirectoryLock {
  readonly #options: LockOptions;
  readonly #path: string;
  readonly #holder: Holder;
  #stopHeartbeat: () => void = () => {};

  private constructor(options: LockOptions) {
    this.#options = options;
    this.#path = path.join(options.directory, LOCK);
    this.#holder = { ...options.processes.self, nonce: Buffer.from(options.randomBytes(8)).toString('hex') };
  }

  /** Throws a ComponentError, STORAGE_IN_USE, that says who holds the directory. */
  static async acquire(options: LockOptions): Promise<DirectoryLock> {
    const lock = new DirectoryLock(options);
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (await lock.#create(lock.#path)) {
        lock.#beat();
        return lock;
      }
      const holder = await lock.#read(lock.#path);
      if (holder !== undefined) await lock.#takeOver(holder);
    }
    throw inUse(options.directory, undefined);
  }

  /** Throws a ComponentError, STORAGE_IN_USE, when a process holds the directory. Changes nothing. */
  static async refuseHeld(options: LockOptions): Promise<void> {
    const holder = await DirectoryLock.holderOf(options);
    if (holder !== undefined) throw inUse(options.directory, holder);
  }

  /** The process that holds the directory; undefined when none does that lives. Changes nothing. */
  static async holderOf(options: LockOptions): Promise<Owner | undefined> {
    const lock = new DirectoryLock(options);
    const holder = await lock.#read(lock.#path);
    return holder === undefined || (await lock.#isDead(holder)) ? undefined : holder;
  }

  /** Whether the lock is still this one's; somebody may have removed it by hand. */
  async held(): Promise<boolean> {
    return (await this.#read(this.#path))?.nonce === this.#holder.nonce;
  }

  async release(): Promise<void> {
    this.#stopHeartbeat();
    if (await this.held()) await this.#options.files.unlink(this.#path);
  }

  /** Whole or not at all: made beside, then given its name. */
  async #create(at: string): Promise<boolean> {
    const { files, directory } = this.#options;
    const temporary = path.join(directory, `LOCK-${this.#holder.nonce}.new`);
    await unlinkIfThere(files, temporary);
    await writeWhole(files, temporary, Buffer.from(`${JSON.stringify(this.#holder)}\n`));
    try {
      await files.link(temporary, at);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await files.unlink(temporary);
    }
  }

  /** Undefined when there is none (any more). */
  async #read(at: string): Promise<Holder | undefined> {
    const { files, directory } = this.#options;
    let text: string;
    try {
      text = (await readWhole(files, at)).toString();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
    try {
      const holder = JSON.parse(text) as Holder;
      if (typeof holder.pid === 'number' && typeof holder.nonce === 'string') return holder;
    } catch {
      // Reported below.
    }
    throw new ComponentError(`cannot open the storage in ${directory}: its lock file can't be read`, {
      code: 'STORAGE_LOCK_DAMAGED',
      remedy: `Make sure that no other collector uses the directory, and delete ${at}.`,
    });
  }

  /**
   * Removes the lock of a dead process. Two may want to: only the holder of a second lock may, and only while the first
   * is still the one that was found dead.
   */
  async #takeOver(dead: Holder): Promise<void> {
    const { files, directory } = this.#options;
    if (!(await this.#isDead(dead))) throw inUse(directory, dead);
    const permit = `${this.#path}.takeover`;
    if (!(await this.#create(permit))) {
      const other = await this.#read(permit);
      if (other !== undefined && !(await this.#isDead(other))) throw inUse(directory, other);
      await unlinkIfThere(files, permit);
      return;
    }
    if ((await this.#read(this.#path))?.nonce === dead.nonce) await unlinkIfThere(files, this.#path);
    await unlinkIfThere(files, permit);
  }

  async #isDead(holder: Holder): Promise<boolean> {
    const { files, processes, clock } = this.#options;
    const { self } = processes;
    const fate = processes.fate(holder);
    // This process has a directory open at most once, too.
    if (fate !== 'unknown' || (holder.pid === self.pid && holder.host === self.host)) return fate === 'dead';
    const lastSign = async (): Promise<number | undefined> => {
      try {
        return (await files.status(this.#path)).changedMs;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    };
    const before = await lastSign();
    await new Promise<void>((resolve) => {
      clock.after(STILL_MS, resolve);
    });
    return (await lastSign()) === before;
  }

  #beat(): void {
    this.#stopHeartbeat = this.#options.clock.after(HEARTBEAT_MS, () => {
      // A disk that fails is noticed, and reported, by those who write data to it.
      this.#options.files.touch(this.#path).catch(() => {});
      this.#beat();
    });
  }
}

function inUse(directory: string, holder: Owner | undefined): ComponentError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new ComponentError(`the storage in ${directory} is in use by ${who}`, {
    code: 'STORAGE_IN_USE',
    remedy: 'Stop that process, or give each collector a directory of its own.',
  });
}
