/**
 * The little that the store asks of a file system, so that a simulation can stand in for it. Paths are absolute.
 * Failures are errors with Node's `code` (ENOENT, EEXIST, ENOSPC, EIO, EACCES, EROFS, …).
 */
export interface FileSystem {
  /** Creates a directory and its parents; an existing one is fine. */
  makeDirectory(path: string): Promise<void>;
  /** `create` fails with EEXIST when there is one; `read` and `write` fail with ENOENT when there is none. */
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile>;
  /** Names in a directory, in any order. */
  list(path: string): Promise<readonly string[]>;
  status(path: string): Promise<FileStatus>;
  /** Replaces what is at `to`, atomically. Survives a crash after {@link syncDirectory}, as all changes of names do. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file; fails with EEXIST when the name is taken. */
  link(existing: string, path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Sets the time of the last change to now. */
  touch(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  /** Bytes that may still be written to the file system of `path`. */
  freeBytes(path: string): Promise<number>;
}

export interface OpenFile {
  /** Fills `into` from `position`; the result is smaller than asked for only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes all the parts one after the other, or fails. They must not change until it settles. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** Writes zeros from the present end up to `bytes`, so that later writes below need no further room. */
  preallocate(bytes: number): Promise<void>;
  truncate(bytes: number): Promise<void>;
  /** Resolves when everything written before the call, and the length, survive a crash (fdatasync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileStatus {
  readonly bytes: number;
  readonly changedMs: number;
  readonly kind: 'file' | 'directory' | 'other';
}

/** Node's code of a failure, such as ENOSPC. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
