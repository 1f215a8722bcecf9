/** Most that is kept: what one grind may take in, edited once. A single huge batch must not keep its memory for good. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Memory for what lives only within one run of steps, used again by the next. Fresh memory for each edited chunk would be
 * garbage outside of V8's heap, which costs a full collection for every few dozen megabytes.
 */
export class Scratch {
  #memory = new Uint8Array(0);
  #used = 0;
  /** What the present run would have needed. */
  #wanted = 0;

  /** A piece that is valid until the next {@link reset}; undefined when there is no room. */
  take(byteLength: number): Uint8Array | undefined {
    this.#wanted += byteLength;
    const start = this.#used;
    if (start + byteLength > this.#memory.length) return undefined;
    this.#used = start + byteLength;
    return this.#memory.subarray(start, this.#used);
  }

  /** Begins anew, with as much as the run before wanted. */
  reset(): void {
    if (this.#wanted > this.#memory.length && this.#memory.length < KEPT_BYTES_MAX) {
      const bytes = Math.min(KEPT_BYTES_MAX, Math.max(this.#wanted, this.#memory.length * 2));
      this.#memory = new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
    }
    this.#used = 0;
    this.#wanted = 0;
  }
}
