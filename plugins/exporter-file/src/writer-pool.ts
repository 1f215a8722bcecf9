import type { FileWriter } from './file-writer.ts';

/** Keeps a number of files open, the ones that were used last. */
export class WriterPool {
  readonly #open: (path: string) => Promise<FileWriter>;
  readonly #openMax: number;
  /** By path, the one that was not used for the longest time first. */
  readonly #writers = new Map<string, Promise<FileWriter>>();
  /** Being finished; a path may be opened again only afterwards. */
  readonly #finishing = new Map<string, Promise<void>>();

  /** `open` starts a writer for a path; it is not called for one path while another writer for it is there. */
  constructor(open: (path: string) => Promise<FileWriter>, openMax: number) {
    this.#open = open;
    this.#openMax = openMax;
  }

  /** Runs `use` with the writer of `path`, which is not finished before `use` has begun to write. */
  async with(path: string, use: (writer: FileWriter) => Promise<void>): Promise<void> {
    const writer = this.#writers.get(path) ?? this.#make(path);
    this.#writers.delete(path);
    this.#writers.set(path, writer);
    while (this.#writers.size > this.#openMax) this.#evictOldest();
    await use(await writer);
  }

  async finish(): Promise<void> {
    while (this.#writers.size > 0) this.#evictOldest();
    await Promise.all(this.#finishing.values());
  }

  async #make(path: string): Promise<FileWriter> {
    try {
      await this.#finishing.get(path);
      return await this.#open(path);
    } catch (error) {
      // The next batch tries again.
      this.#writers.delete(path);
      throw error;
    }
  }

  #evictOldest(): void {
    const [path, writer] = this.#writers.entries().next().value as [string, Promise<FileWriter>];
    this.#writers.delete(path);
    const finished = writer
      .then(
        (opened) => opened.finish(),
        () => {},
      )
      .finally(() => {
        if (this.#finishing.get(path) === finished) this.#finishing.delete(path);
      });
    this.#finishing.set(path, finished);
  }
}
