import type { Content } from './content.ts';
import type { OutputFile } from './output-file.ts';

/** Batches one after the other, each written at once. */
export class PlainContent implements Content {
  readonly heldBytes = 0;
  readonly isBehind = false;
  readonly #file: OutputFile;
  readonly #sync: boolean;

  constructor(file: OutputFile, { sync }: { sync: boolean }) {
    this.#file = file;
    this.#sync = sync;
  }

  get bytes(): number {
    return this.#file.bytes;
  }

  get isRegular(): boolean {
    return this.#file.isRegular;
  }

  add(payloads: readonly Uint8Array[]): Promise<void> {
    return this.#file.append(payloads, { sync: this.#sync });
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  async finish(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
  }

  abandon(): Promise<void> {
    return this.#file.close();
  }
}
