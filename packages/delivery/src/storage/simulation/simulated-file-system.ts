import path from 'node:path';
import type { FileStatus, FileSystem, OpenFile } from '../file-system.ts';
import { mountedDuring, NEVER } from './mounted-file-system.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedInode } from './simulated-inode.ts';

export type OperationName =
  | 'makeDirectory'
  | 'open'
  | 'list'
  | 'status'
  | 'rename'
  | 'link'
  | 'unlink'
  | 'touch'
  | 'syncDirectory'
  | 'freeBytes'
  | 'read'
  | 'write'
  | 'preallocate'
  | 'truncate'
  | 'sync';

export interface Operation {
  readonly name: OperationName;
  readonly path: string;
  /** Counts all operations from 0. */
  readonly index: number;
}

/**
 * What happens to an operation: `crash` cuts the power while it is under way; `short` writes a part and fails with
 * ENOSPC; a number of turns makes it slow, and `until` has it wait for something, such as a clock.
 */
export type Fault =
  | 'crash'
  | 'short'
  | 'EIO'
  | 'ENOSPC'
  | 'EACCES'
  | 'EROFS'
  | { readonly turns: number }
  | { readonly until: Promise<void> };

export interface SimulationOptions {
  readonly seed: number;
  /** Room on the disk. */
  readonly capacityBytes?: number;
  /** Asked at every operation. */
  readonly fault?: (operation: Operation) => Fault | undefined;
  readonly nowMs?: () => number;
}

interface DirectoryChange {
  /** A rename changes two names, both or none. */
  readonly names: readonly { readonly path: string; readonly inode: SimulatedInode | undefined }[];
}

/**
 * A disk in memory, with what sits between programs and disks: writes reach it at the next sync, or before, in any
 * order and in part; changes of names at the next sync of their directory, likewise. A crash, at any operation, leaves
 * what could have been left. Everything follows from the seed.
 */
export class SimulatedFileSystem implements FileSystem {
  readonly random: SeededRandom;
  fault: (operation: Operation) => Fault | undefined;
  capacityBytes: number;
  readonly #nowMs: () => number;
  readonly #directories = new Set<string>(['/']);
  readonly #names = new Map<string, SimulatedInode>();
  #durableNames = new Map<string, SimulatedInode>();
  #unsyncedNames: DirectoryChange[] = [];
  #operations = 0;
  /** Rises with each crash: what belongs to an earlier life never gets an answer. */
  #life = 0;
  #onCrash: () => void = () => {};

  constructor(options: SimulationOptions) {
    this.random = new SeededRandom(options.seed);
    this.fault = options.fault ?? (() => undefined);
    this.capacityBytes = options.capacityBytes ?? Infinity;
    this.#nowMs = options.nowMs ?? (() => 0);
  }

  get operations(): number {
    return this.#operations;
  }

  /** Resolves at the next crash. */
  get crashed(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#onCrash;
      this.#onCrash = () => {
        before();
        resolve();
      };
    });
  }

  /** Paths of all files, sorted. */
  get files(): string[] {
    return [...this.#names.keys()].toSorted();
  }

  inode(file: string): SimulatedInode {
    const inode = this.#names.get(file);
    if (inode === undefined) throw failure('ENOENT', 'open', file);
    return inode;
  }

  /** Puts a file there, durable. */
  put(file: string, content: Uint8Array): void {
    const inode = new SimulatedInode(Buffer.from(content));
    this.#names.set(file, inode);
    this.#durableNames.set(file, inode);
  }

  /** Cuts the power. Operations under way never settle; the files are what the disk has kept. */
  crash(): void {
    const names = new Map(this.#durableNames);
    const all = this.random.chance(0.25);
    for (const { names: changed } of this.#unsyncedNames) {
      if (!all && this.random.chance(0.5)) continue;
      for (const { path: name, inode } of changed) {
        if (inode === undefined) names.delete(name);
        else names.set(name, inode);
      }
    }
    this.#names.clear();
    for (const [name, inode] of names) this.#names.set(name, inode);
    for (const inode of new Set(names.values())) inode.crash(this.random);
    this.#durableNames = names;
    this.#unsyncedNames = [];
    this.#life += 1;
    this.#onCrash();
    this.#onCrash = () => {};
  }

  /** What a program is given: when the power is cut, it is of no use any more. */
  mount(): FileSystem {
    const life = this.#life;
    return mountedDuring(this, () => this.#life === life);
  }

  makeDirectory(directory: string): Promise<void> {
    return this.#operate('makeDirectory', directory, () => {
      for (let at = directory; at !== '/'; at = path.dirname(at)) this.#directories.add(at);
    });
  }

  open(file: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    return this.#operate('open', file, () => {
      let inode = this.#names.get(file);
      if (mode === 'create') {
        if (inode !== undefined) throw failure('EEXIST', 'open', file);
        if (!this.#directories.has(path.dirname(file))) throw failure('ENOENT', 'open', file);
        inode = new SimulatedInode();
        inode.changedMs = this.#nowMs();
        this.#change([{ path: file, inode }]);
      }
      if (inode === undefined) throw failure('ENOENT', 'open', file);
      return this.#openInode(file, inode);
    });
  }

  list(directory: string): Promise<readonly string[]> {
    return this.#operate('list', directory, () => {
      if (!this.#directories.has(directory)) throw failure('ENOENT', 'scandir', directory);
      const within = (each: string): boolean => each !== directory && path.dirname(each) === directory;
      return [...this.#names.keys(), ...this.#directories].filter(within).map((each) => path.basename(each));
    });
  }

  status(file: string): Promise<FileStatus> {
    return this.#operate('status', file, () => {
      if (this.#directories.has(file)) return { bytes: 0, changedMs: 0, kind: 'directory' };
      const inode = this.inode(file);
      return { bytes: inode.length, changedMs: inode.changedMs, kind: 'file' };
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#operate('rename', from, () => {
      const inode = this.inode(from);
      this.#change([
        { path: to, inode },
        { path: from, inode: undefined },
      ]);
    });
  }

  link(existing: string, file: string): Promise<void> {
    return this.#operate('link', file, () => {
      if (this.#names.has(file)) throw failure('EEXIST', 'link', file);
      this.#change([{ path: file, inode: this.inode(existing) }]);
    });
  }

  unlink(file: string): Promise<void> {
    return this.#operate('unlink', file, () => {
      this.inode(file);
      this.#change([{ path: file, inode: undefined }]);
    });
  }

  touch(file: string): Promise<void> {
    return this.#operate('touch', file, () => {
      this.inode(file).changedMs = this.#nowMs();
    });
  }

  syncDirectory(directory: string): Promise<void> {
    return this.#operate('syncDirectory', directory, () => {
      this.#durableNames = new Map(this.#names);
      this.#unsyncedNames = [];
    });
  }

  freeBytes(directory: string): Promise<number> {
    return this.#operate('freeBytes', directory, () => Math.max(0, this.capacityBytes - this.#usedBytes()));
  }

  #openInode(file: string, inode: SimulatedInode): OpenFile {
    const life = this.#life;
    const operate = <R>(name: OperationName, at: string, act: () => R, half?: () => void): Promise<R> =>
      life === this.#life ? this.#operate(name, at, act, half) : NEVER;
    const write = (bytes: Buffer, position: number): void => {
      const grows = Math.max(0, position + bytes.length - inode.length);
      const room = this.capacityBytes - this.#usedBytes();
      if (grows <= room) {
        inode.write(bytes, position);
        return;
      }
      // A full disk takes what it can.
      const fits = bytes.length - (grows - Math.max(0, room));
      if (fits > 0) inode.write(bytes.subarray(0, fits), position);
      throw failure('ENOSPC', 'write', file);
    };
    return {
      read: (into, position) => operate('read', file, () => inode.read(into, position)),
      write: (parts, position) => {
        const bytes = Buffer.concat(parts);
        const half = (): void => inode.write(bytes.subarray(0, this.random.below(bytes.length)), position);
        return operate('write', file, () => write(bytes, position), half);
      },
      preallocate: (bytes) =>
        operate('preallocate', file, () => {
          if (bytes > inode.length) write(Buffer.alloc(bytes - inode.length), inode.length);
        }),
      truncate: (bytes) => operate('truncate', file, () => inode.truncate(bytes)),
      sync: () =>
        operate(
          'sync',
          file,
          () => inode.sync(),
          () => inode.loseUnsynced(this.random),
        ),
      close: () => Promise.resolve(),
    };
  }

  #usedBytes(): number {
    let used = 0;
    for (const inode of new Set(this.#names.values())) used += inode.length;
    return used;
  }

  #change(names: DirectoryChange['names']): void {
    for (const { path: name, inode } of names) {
      if (inode === undefined) this.#names.delete(name);
      else this.#names.set(name, inode);
    }
    this.#unsyncedNames.push({ names });
  }

  /** Does something unless a fault is due; `half` is what a failing operation leaves behind. */
  async #operate<R>(name: OperationName, file: string, act: () => R, half: () => void = () => {}): Promise<R> {
    const life = this.#life;
    const fault = this.fault({ name, path: file, index: this.#operations++ });
    if (typeof fault === 'object' && 'until' in fault) await fault.until;
    else for (let turn = typeof fault === 'object' ? fault.turns : 1; turn > 0; turn--) await Promise.resolve();
    if (life !== this.#life) return NEVER;
    if (fault === 'crash') {
      if (this.random.chance(0.3)) half();
      else if (this.random.chance(0.5)) attempt(act);
      this.crash();
      return NEVER;
    }
    if (typeof fault === 'string') {
      if (fault === 'short' || name === 'sync') half();
      throw failure(fault === 'short' ? 'ENOSPC' : fault, name, file);
    }
    return act();
  }
}

function attempt(act: () => unknown): void {
  try {
    act();
  } catch {
    // The power is cut before anybody learns of it.
  }
}

function failure(code: string, call: string, file: string): Error {
  return Object.assign(new Error(`${code}: ${call} '${file}'`), { code, path: file });
}
