import { ByteQueue } from './byte-queue.ts';

/** Where streamed bytes come from. Each piece belongs to the reader from then on: the source does not write into it again. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Pulls pieces from a source as they are needed. A source that fails ends here like one that is finished, and its error
 * waits in `failure`: first everything that did arrive is decoded, then the consumer of the stream gets that error.
 */
export class ByteReader {
  failure: unknown;
  #ended = false;
  readonly #queue = new ByteQueue();
  readonly #source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;

  constructor(source: ByteSource) {
    this.#source = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  /** The offset in the source of the next byte. */
  get offset(): number {
    return this.#queue.offset;
  }

  /** Waits until at least `count` bytes are there or the source has ended; says whether they are there. */
  async fill(count: number): Promise<boolean> {
    while (this.#queue.length < count && !this.#ended) {
      try {
        const step = await this.#source.next();
        if (step.done === true) this.#ended = true;
        else this.#queue.push(step.value);
      } catch (error) {
        this.failure = error;
        this.#ended = true;
      }
    }
    return this.#queue.length >= count;
  }

  /** Bytes that are there, at most `count`, not taken. */
  peek(count: number): Uint8Array {
    return this.#queue.peek(count);
  }

  /** As {@link peek}, but as few as come without a copy. */
  peekRun(count: number): Uint8Array {
    return this.#queue.peekRun(count);
  }

  /** Takes bytes that are there, at most `count`. */
  take(count: number): Uint8Array {
    return this.#queue.take(count);
  }

  skip(count: number): void {
    this.#queue.skip(count);
  }

  /** Tells a source that is not finished that nobody reads on. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#source.return?.();
  }
}
