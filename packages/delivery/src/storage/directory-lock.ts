import path from 'node:path';
import { crc32 } from 'node:zlib';
import { ComponentError } from '@millrace/api';
import type { Clock } from '@millrace/api';
import { LOCK } from './directory-layout.ts';
import { codeOf } from './file-system.ts';
import type { FileSystem } from './file-system.ts';
import type { Owner, Processes } from './owner.ts';
import { quarantine, type Quarantined } from './quarantine.ts';
import { readWhole, replaceWhole, unlinkIfThere, writeWhole } from './whole-file.ts';

const TRIES_MAX = 8;
/** How often the holder shows that it lives, for those who can't see its process. */
const HEARTBEAT_MS = 5000;
/** How long a lock of a process that can't be seen must be still before it is taken over. */
const STILL_MS = 3 * HEARTBEAT_MS;

interface Holder extends Owner {
  /** Tells one lock from the next. */
  readonly nonce: string;
}

/** A lock as it was found. */
interface Found {
  readonly content: Buffer;
  /** Undefined where it does not check: it is somebody's, but nobody knows whose. */
  readonly holder: Holder | undefined;
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
 * where that can be seen (same machine and container), else when it gave no sign of life for a while. So is one that is
 * damaged, which is put aside.
 */
export class DirectoryLock {
  readonly #options: LockOptions;
  readonly #path: string;
  readonly #holder: Holder;
  readonly #damaged: Quarantined[] = [];
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
      const found = await lock.#read(lock.#path);
      if (found !== undefined) await lock.#takeOver(found);
    }
    throw inUse(options.directory, undefined);
  }

  /** Locks that were taken over and did not check. */
  get damaged(): readonly Quarantined[] {
    return this.#damaged;
  }

  /** Throws a ComponentError, STORAGE_IN_USE, when a process holds the directory. Changes nothing. */
  static async refuseHeld(options: LockOptions): Promise<void> {
    const holder = await DirectoryLock.holderOf(options);
    if (holder !== undefined) throw inUse(options.directory, holder);
  }

  /**
   * The process that holds the directory; undefined when none does that lives. Changes nothing. Throws a ComponentError,
   * STORAGE_IN_USE, when one does and its lock is damaged.
   */
  static async holderOf(options: LockOptions): Promise<Owner | undefined> {
    const lock = new DirectoryLock(options);
    const found = await lock.#read(lock.#path);
    if (found === undefined || (await lock.#isDead(found))) return undefined;
    return found.holder ?? refuseUnknown(options.directory);
  }

  /** Whether the lock is still this one's; somebody may have removed it by hand. A damaged one is written anew. */
  async held(): Promise<boolean> {
    const found = await this.#read(this.#path);
    if (found === undefined) return false;
    if (found.holder !== undefined) return found.holder.nonce === this.#holder.nonce;
    // It gives signs of life: nobody has taken it over.
    const { files, directory } = this.#options;
    await replaceWhole(files, this.#path, path.join(directory, `LOCK-${this.#holder.nonce}.new`), this.#content);
    return true;
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
    await writeWhole(files, temporary, this.#content);
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

  get #content(): Buffer {
    return Buffer.from(`${JSON.stringify({ ...this.#holder, crc32: checksumOf(this.#holder) })}\n`);
  }

  /** Undefined when there is none (any more). */
  async #read(at: string): Promise<Found | undefined> {
    try {
      const content = await readWhole(this.#options.files, at);
      return { content, holder: holderIn(content) };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /**
   * Removes the lock of a dead process. Two may want to: only the holder of a second lock may, and only while the first
   * is still the one that was found dead.
   */
  async #takeOver(dead: Found): Promise<void> {
    const { files, directory } = this.#options;
    if (!(await this.#isDead(dead))) throw inUse(directory, dead.holder);
    const permit = `${this.#path}.takeover`;
    if (!(await this.#create(permit))) {
      const other = await this.#read(permit);
      if (other !== undefined && !(await this.#isDead(other))) throw inUse(directory, other.holder);
      await unlinkIfThere(files, permit);
      return;
    }
    if ((await this.#read(this.#path))?.content.equals(dead.content) === true) {
      if (dead.holder === undefined) await this.#putAside(dead);
      await unlinkIfThere(files, this.#path);
    }
    await unlinkIfThere(files, permit);
  }

  async #putAside({ content }: Found): Promise<void> {
    const { files, directory } = this.#options;
    const reason = 'lock does not match its checksum, and nobody gave a sign of life';
    const part = { file: this.#path, offset: 0, bytes: content.length, reason };
    this.#damaged.push(await quarantine(files, directory, part));
  }

  async #isDead({ holder }: Found): Promise<boolean> {
    const { files, processes, clock } = this.#options;
    const { self } = processes;
    if (holder !== undefined) {
      const fate = processes.fate(holder);
      // This process has a directory open at most once, too.
      if (fate !== 'unknown' || (holder.pid === self.pid && holder.host === self.host)) return fate === 'dead';
    }
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

function holderIn(content: Buffer): Holder | undefined {
  try {
    const { crc32: checksum, ...holder } = JSON.parse(content.toString()) as Holder & { readonly crc32: number };
    return checksum === checksumOf(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function checksumOf({ pid, host, boot, pidNamespace, started, nonce }: Holder): number {
  return crc32(JSON.stringify([pid, host, boot, pidNamespace, started, nonce]));
}

function refuseUnknown(directory: string): never {
  throw inUse(directory, undefined);
}

function inUse(directory: string, holder: Owner | undefined): ComponentError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new ComponentError(`the storage in ${directory} is in use by ${who}`, {
    code: 'STORAGE_IN_USE',
    remedy: 'Stop that process, or give each collector a directory of its own.',
  });
}
