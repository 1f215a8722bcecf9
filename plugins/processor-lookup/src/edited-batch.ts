import type { Batch, ClientContext, Signal } from '@millrace/api';
import { countItems } from '@millrace/otlp';

/** What became of a batch, in memory of its own. */
export class EditedBatch implements Batch {
  readonly signal: Signal;
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
  readonly bytes: number;
  readonly #original: Batch;

  /** `original` says who sent it, and may have been released. */
  constructor(original: Batch, bytes: Uint8Array) {
    this.signal = original.signal;
    this.chunks = [bytes];
    this.items = countItems(original.signal, bytes);
    this.bytes = bytes.length;
    this.#original = original;
  }

  get context(): ClientContext | undefined {
    return this.#original.context;
  }

  share(): Batch {
    return new EditedBatch(this.#original, this.chunks[0]);
  }

  release(): void {}
}
