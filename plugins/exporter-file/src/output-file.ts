import type { FileSystem, OpenFile } from './file-system.ts';

/** A file that only grows, by all of something or by nothing: what an append that fails has written is cut off again. */
export class OutputFile {
  readonly path: string;
  readonly #file: OpenFile;
  /** Where the next append goes; undefined for pipes and terminals, where nothing can be taken back. */
  #offset: number | undefined;
  #appendedBytes = 0;
  /** Behind the offset there may be something that must go. */
  #isTorn = false;

  private constructor(path: string, file: OpenFile, offset: number | undefined) {
    this.path = path;
    this.#file = file;
    this.#offset = offset;
  }

  /** Opens the file at `path`, creates it if it is missing, and cuts it to `keptBytes`. */
  static async open(fs: FileSystem, path: string, keptBytes: number): Promise<OutputFile> {
    const file = await fs.open(path);
    try {
      const facts = await fs.stat(path);
      const isStream = facts?.kind === 'stream';
      if (facts?.kind === 'file' && facts.bytes !== keptBytes) await file.truncate(keptBytes);
      return new OutputFile(path, file, isStream ? undefined : keptBytes);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Length of what was appended for good, in bytes. */
  get bytes(): number {
    return this.#offset ?? this.#appendedBytes;
  }

  /** Does the file have a length, so that it can be rotated? */
  get isRegular(): boolean {
    return this.#offset !== undefined;
  }

  /**
   * Writes `parts` at the end; with `sync`, also through to the disk. Not to be called again before it has settled.
   * @throws the file system's error; then nothing was appended, and calling again is safe.
   */
  async append(parts: readonly Uint8Array[], { sync }: { sync: boolean }): Promise<void> {
    await this.#repair();
    let left = parts.filter((part) => part.byteLength > 0);
    const total = left.reduce((sum, part) => sum + part.byteLength, 0);
    let position = this.#offset;
    this.#isTorn = this.isRegular;
    try {
      while (left.length > 0) {
        const written = await this.#file.write(left, position);
        left = without(left, written);
        if (position !== undefined) position += written;
      }
      if (sync && this.isRegular) await this.#file.sync();
    } catch (error) {
      // If even that fails, the next append tries again first.
      await this.#repair().catch(() => {});
      throw error;
    }
    this.#isTorn = false;
    this.#appendedBytes += total;
    if (this.#offset !== undefined) this.#offset += total;
  }

  async sync(): Promise<void> {
    await this.#repair();
    if (this.isRegular) await this.#file.sync();
  }

  /** After a sync, an error here says nothing about the data. */
  async close(): Promise<void> {
    await this.#file.close().catch(() => {});
  }

  async #repair(): Promise<void> {
    if (!this.#isTorn || this.#offset === undefined) return;
    await this.#file.truncate(this.#offset);
    this.#isTorn = false;
  }
}

/** What is left of `parts` after their first `count` bytes. */
function without(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let gone = count;
  let first = 0;
  while (first < parts.length && gone >= parts[first].byteLength) gone -= parts[first++].byteLength;
  const [head, ...rest] = parts.slice(first);
  return head === undefined ? [] : [head.subarray(gone), ...rest];
}
