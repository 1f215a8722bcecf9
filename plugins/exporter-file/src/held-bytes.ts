import { copyBlock } from '@millrace/otlp';

/** Empty memory beyond this is given back. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

/** Bytes that wait, in one piece that is used again and again: what comes is copied once. */
export class HeldBytes {
  #memory = uninitialised(0);
  #start = 0;
  #end = 0;
  /** What came together, by where it ends in all that ever came. */
  #arrivals: { readonly end: number; readonly atMs: number }[] = [];
  #cameBytes = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** When the oldest byte came; undefined when nothing waits. */
  get oldestAtMs(): number | undefined {
    return this.#arrivals[0]?.atMs;
  }

  add(bytes: Uint8Array, atMs: number): void {
    const { length } = bytes;
    if (length === 0) return;
    this.#makeRoom(length);
    // Payloads may lie in memory that threads share.
    copyBlock(bytes, this.#memory, this.#end);
    this.#end += length;
    this.#cameBytes += length;
    this.#arrivals.push({ end: this.#cameBytes, atMs });
  }

  /** The first `count` bytes; a view that is valid until more is added or something dropped. */
  first(count: number): Uint8Array {
    return this.#memory.subarray(this.#start, this.#start + count);
  }

  /** Lets go of the first `count` bytes. */
  drop(count: number): void {
    this.#start += count;
    const gone = this.#cameBytes - this.length;
    let past = 0;
    while (past < this.#arrivals.length && this.#arrivals[past].end <= gone) past++;
    this.#arrivals.splice(0, past);
    if (this.length > 0) return;
    this.#start = 0;
    this.#end = 0;
    if (this.#memory.length > KEPT_BYTES_MAX) this.#memory = uninitialised(0);
  }

  #makeRoom(bytes: number): void {
    const needed = this.length + bytes;
    if (this.#end + bytes <= this.#memory.length) return;
    if (needed <= this.#memory.length) {
      this.#memory.copyWithin(0, this.#start, this.#end);
    } else {
      const larger = uninitialised(Math.max(needed, this.#memory.length * 2));
      copyBlock(this.first(this.length), larger, 0);
      this.#memory = larger;
    }
    this.#end -= this.#start;
    this.#start = 0;
  }
}

/** All of it is written before it is read. */
function uninitialised(byteLength: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(byteLength).buffer);
}
