import type { FileSystem, OpenFile } from './file-system.ts';

interface Lease {
  readonly opening: Promise<OpenFile>;
  users: number;
  closing: boolean;
}

/** Files that are read from now and then: a few stay open, and none is closed under a reader. */
export class OpenFiles {
  readonly #files: FileSystem;
  readonly #filesMax: number;
  readonly #leases = new Map<string, Lease>();
  readonly #closing = new Set<Promise<void>>();

  constructor(files: FileSystem, filesMax: number) {
    this.#files = files;
    this.#filesMax = filesMax;
  }

  async use<R>(path: string, act: (file: OpenFile) => Promise<R>): Promise<R> {
    const lease = this.#leases.get(path) ?? { opening: this.#files.open(path, 'read'), users: 0, closing: false };
    // The one used last stands last.
    this.#leases.delete(path);
    this.#leases.set(path, lease);
    lease.users += 1;
    try {
      return await act(await lease.opening);
    } catch (error) {
      this.forget(path, lease);
      throw error;
    } finally {
      lease.users -= 1;
      if (lease.closing) this.#close(lease);
      else if (this.#leases.size > this.#filesMax) this.forget([...this.#leases.keys()][0]);
    }
  }

  /** The file is about to be removed. */
  forget(path: string, only?: Lease): void {
    const lease = this.#leases.get(path);
    if (lease === undefined || (only !== undefined && lease !== only)) return;
    this.#leases.delete(path);
    lease.closing = true;
    this.#close(lease);
  }

  /** Resolves when all files are closed that nobody uses. */
  async close(): Promise<void> {
    for (const path of this.#leases.keys()) this.forget(path);
    await Promise.all(this.#closing);
  }

  #close(lease: Lease): void {
    if (lease.users > 0) return;
    const closing = lease.opening
      .then((file) => file.close())
      .catch(() => {})
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
