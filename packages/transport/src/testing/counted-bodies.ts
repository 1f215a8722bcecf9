import { retryable } from '@millrace/api';
import type { Body } from '@millrace/api';

/** Bodies that are counted, so that a test can see that none is left behind. */
export class CountedBodies {
  /** Bodies that were given out and not released. */
  open = 0;
  admitted = 0;
  readonly expected: (number | undefined)[] = [];
  /** What was appended: how long it was, and where it lay. */
  readonly appended: { readonly length: number; readonly buffer: ArrayBufferLike }[] = [];
  /** Set to refuse at `admit`. */
  refusal: Error | undefined;
  /** Bytes after which `append` refuses. */
  limitBytes = Number.POSITIVE_INFINITY;
  #waiting: (() => void)[] = [];

  admit = (expectedBytes: number | undefined): Body => {
    if (this.refusal !== undefined) throw this.refusal;
    this.expected.push(expectedBytes);
    this.open += 1;
    this.admitted += 1;
    this.#wake();
    return new CountedBody(this, () => {
      this.open -= 1;
      this.#wake();
    });
  };

  /** Resolves once `condition` holds; looked at whenever a body comes or goes. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

class CountedBody implements Body {
  readonly #bodies: CountedBodies;
  readonly #onRelease: () => void;
  #bytes = Buffer.alloc(0);
  #isReleased = false;

  constructor(bodies: CountedBodies, onRelease: () => void) {
    this.#bodies = bodies;
    this.#onRelease = onRelease;
  }

  append(chunk: Uint8Array): void {
    if (this.#isReleased) throw new Error('append to a released body');
    this.#bodies.appended.push({ length: chunk.length, buffer: chunk.buffer });
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length > this.#bodies.limitBytes) throw retryable('out of memory', { retryAfterMs: 1500 });
  }

  get bytes(): Uint8Array {
    if (this.#isReleased) throw new Error('read of a released body');
    return this.#bytes;
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#onRelease();
  }
}
