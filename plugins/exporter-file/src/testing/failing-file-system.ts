import { diskFileSystem, type FileSystem, type OpenFile } from '../file-system.ts';

/** Calls that can be made to fail. */
export type FailingCall = 'open' | 'write' | 'sync' | 'truncate' | 'rename' | 'remove' | 'makeDirectory' | 'readText';

/** The disk, on which calls fail with the system's errors as long as a test wants. */
export class FailingFileSystem implements FileSystem {
  /** Bytes that still fit on the disk; writes beyond it are short, then fail with ENOSPC. */
  roomBytes = Number.POSITIVE_INFINITY;
  /** Calls made, by name. */
  readonly calls: string[] = [];
  readonly #failing = new Map<FailingCall, string>();

  fail(call: FailingCall, errno: string): void {
    this.#failing.set(call, errno);
  }

  heal(): void {
    this.#failing.clear();
    this.roomBytes = Number.POSITIVE_INFINITY;
  }

  stat(path: string) {
    return diskFileSystem.stat(path);
  }

  list(directory: string) {
    return diskFileSystem.list(directory);
  }

  syncDirectory(path: string) {
    return diskFileSystem.syncDirectory(path);
  }

  async open(path: string): Promise<OpenFile> {
    this.#call('open');
    const file = await diskFileSystem.open(path);
    return {
      read: (target, position) => file.read(target, position),
      close: () => file.close(),
      write: async (parts, position) => {
        this.#call('write');
        const bytes = Buffer.concat(parts);
        if (this.roomBytes === 0) throw systemError('ENOSPC');
        const written = await file.write([bytes.subarray(0, this.roomBytes)], position);
        this.roomBytes -= written;
        return written;
      },
      truncate: async (lengthBytes) => {
        this.#call('truncate');
        await file.truncate(lengthBytes);
      },
      sync: async () => {
        this.#call('sync');
        await file.sync();
      },
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.#call('rename');
    await diskFileSystem.rename(from, to);
  }

  async remove(path: string): Promise<void> {
    this.#call('remove');
    await diskFileSystem.remove(path);
  }

  async makeDirectory(path: string, mode: number): Promise<void> {
    this.#call('makeDirectory');
    await diskFileSystem.makeDirectory(path, mode);
  }

  async readText(path: string): Promise<string> {
    this.#call('readText');
    return await diskFileSystem.readText(path);
  }

  #call(name: FailingCall): void {
    this.calls.push(name);
    const errno = this.#failing.get(name);
    if (errno !== undefined) throw systemError(errno);
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made to fail`), { code });
}
