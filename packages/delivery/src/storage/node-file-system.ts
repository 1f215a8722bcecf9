import fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { FileStatus, FileSystem, OpenFile } from './file-system.ts';

// The callback functions with descriptors are lighter than FileHandle: no object is tracked for each operation.
const openFile = promisify(fs.open);
const closeFile = promisify(fs.close);
const syncFile = promisify(fs.fsync);
const syncData = promisify(fs.fdatasync);
const truncateFile = promisify(fs.ftruncate);
const statusOf = promisify(fs.fstat);

const ZEROS = Buffer.alloc(1024 * 1024);
const FLAGS = { read: 'r', write: 'r+', create: 'wx+' } as const;
/** Queued telemetry is nobody else's business. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/**
 * A directory with those that it lies in. Node's own `recursive` tries for ever where a directory can hold none although
 * it exists, as below /proc.
 */
async function makeDirectories(path: string, mode: number): Promise<void> {
  const parent = dirname(path);
  if (parent !== path && !(await isDirectory(parent))) await makeDirectories(parent, mode);
  try {
    await fs.promises.mkdir(path, { mode });
  } catch (error) {
    if (!(await isDirectory(path))) throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return fs.promises.stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

/** The file system of the machine. */
export class NodeFileSystem implements FileSystem {
  readonly #directoryMode: number;

  /** `directoryMode`: permission bits of directories that it makes, before the umask. */
  constructor({ directoryMode = DIRECTORY_MODE }: { readonly directoryMode?: number } = {}) {
    this.#directoryMode = directoryMode;
  }

  async makeDirectory(path: string): Promise<void> {
    await makeDirectories(resolve(path), this.#directoryMode);
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    return new NodeFile(await openFile(path, FLAGS[mode], FILE_MODE));
  }

  list(path: string): Promise<readonly string[]> {
    return fs.promises.readdir(path);
  }

  async status(path: string): Promise<FileStatus> {
    const status = await fs.promises.lstat(path);
    const kind = status.isFile() ? 'file' : status.isDirectory() ? 'directory' : 'other';
    return { bytes: status.size, changedMs: status.mtimeMs, kind };
  }

  rename(from: string, to: string): Promise<void> {
    return fs.promises.rename(from, to);
  }

  link(existing: string, path: string): Promise<void> {
    return fs.promises.link(existing, path);
  }

  unlink(path: string): Promise<void> {
    return fs.promises.unlink(path);
  }

  async touch(path: string): Promise<void> {
    const now = new Date();
    await fs.promises.utimes(path, now, now);
  }

  async syncDirectory(path: string): Promise<void> {
    const descriptor = await openFile(path, 'r');
    try {
      await syncFile(descriptor);
    } finally {
      await closeFile(descriptor);
    }
  }

  async freeBytes(path: string): Promise<number> {
    const { bavail, bsize } = await fs.promises.statfs(path);
    return bavail * bsize;
  }
}

class NodeFile implements OpenFile {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const read = await this.#readSome(into, filled, position + filled);
      if (read === 0) break;
      filled += read;
    }
    return filled;
  }

  #readSome(into: Uint8Array, at: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#descriptor, into, at, into.length - at, position, (error, read) => {
        if (error === null) resolve(read);
        else reject(error);
      });
    });
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    let rest = parts;
    let at = position;
    while (rest.length > 0) {
      const written = await this.#writeSome(rest, at);
      // What is left over is tried again, and then fails with its reason (a full disk).
      at += written;
      rest = after(rest, written);
    }
  }

  #writeSome(parts: readonly Uint8Array[], position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null, written: number): void => {
        if (error === null) resolve(written);
        else reject(error);
      };
      const [first] = parts;
      if (parts.length === 1) fs.write(this.#descriptor, first, 0, first.length, position, settle);
      else fs.writev(this.#descriptor, parts, position, settle);
    });
  }

  async preallocate(bytes: number): Promise<void> {
    const { size } = await statusOf(this.#descriptor);
    for (let at = size; at < bytes; at += ZEROS.length) {
      await this.write([ZEROS.subarray(0, Math.min(ZEROS.length, bytes - at))], at);
    }
  }

  truncate(bytes: number): Promise<void> {
    return truncateFile(this.#descriptor, bytes);
  }

  sync(): Promise<void> {
    return syncData(this.#descriptor);
  }

  close(): Promise<void> {
    return closeFile(this.#descriptor);
  }
}

/** The parts without their first `bytes` bytes. */
function after(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes;
  for (const [index, part] of parts.entries()) {
    if (skip < part.length) return [part.subarray(skip), ...parts.slice(index + 1)];
    skip -= part.length;
  }
  return [];
}
