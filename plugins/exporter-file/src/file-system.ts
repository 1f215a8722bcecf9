import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';

/** What the exporter needs of a file system; injected, so that tests can fail every call. Errors are Node's, with `code`. */
export interface FileSystem {
  /** Opens for reading and writing, and creates the file (mode 0600) if it is missing. */
  open(path: string): Promise<OpenFile>;
  /** Undefined if nothing is there. */
  stat(path: string): Promise<FileFacts | undefined>;
  /** Names in a directory. */
  list(directory: string): Promise<readonly string[]>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  makeDirectory(path: string, mode: number): Promise<void>;
  /** Makes renames and new names in it survive a power failure. */
  syncDirectory(path: string): Promise<void>;
  readText(path: string): Promise<string>;
}

export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'stream';
  readonly bytes: number;
}

export interface OpenFile {
  /** Writes as much as it can and says how much. `position` is undefined for what has none, such as pipes. */
  write(parts: readonly Uint8Array[], position: number | undefined): Promise<number>;
  /** Reads up to `target.byteLength` bytes. */
  read(target: Uint8Array, position: number): Promise<number>;
  truncate(lengthBytes: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The machine's own file system. */
export const diskFileSystem: FileSystem = {
  async open(path) {
    const facts = await diskFileSystem.stat(path);
    const access = facts?.kind === 'stream' ? constants.O_WRONLY : constants.O_RDWR;
    const handle = await open(path, access | constants.O_CREAT, FILE_MODE);
    return {
      async write(parts, position) {
        const { bytesWritten } = await handle.writev(parts, position);
        return bytesWritten;
      },
      async read(target, position) {
        const { bytesRead } = await handle.read(target, 0, target.byteLength, position);
        return bytesRead;
      },
      truncate: (lengthBytes) => handle.truncate(lengthBytes),
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  async stat(path) {
    try {
      const stats = await stat(path);
      return { kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'stream', bytes: stats.size };
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  },
  list: (directory) => readdir(directory),
  rename,
  remove: unlink,
  async makeDirectory(path, mode) {
    await mkdir(path, { recursive: true, mode });
  },
  async syncDirectory(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  readText: (path) => readFile(path, 'utf8'),
};

/** The system's name of an error, such as `ENOSPC`; undefined for errors of another kind. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

const FILE_MODE = 0o600;
