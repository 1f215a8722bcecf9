import { copiedBytes } from './owned-bytes.ts';

/** Bytes that have arrived in pieces and are taken in pieces of another size. Keeps references; copies only across seams. */
export class ByteQueue {
  /** How many bytes have been taken since the beginning: the offset of the next byte. */
  offset = 0;
  /** How many bytes wait. */
  length = 0;
  #pieces: Uint8Array[] = [];
  /** How many bytes of the first piece are gone. */
  #head = 0;

  push(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#pieces.push(bytes);
    this.length += bytes.byteLength;
  }

  /** Replaces what is left of the last pushed piece by a copy, so that its owner may reuse the memory. */
  keepLast(): void {
    const last = this.#pieces.length - 1;
    if (last < 0) return;
    const from = last === 0 ? this.#head : 0;
    this.#pieces[last] = copiedBytes(this.#pieces[last].subarray(from));
    if (last === 0) this.#head = 0;
  }

  /** The next `count` bytes, or all that wait if there are fewer, without taking them. */
  peek(count: number): Uint8Array {
    const wanted = Math.min(count, this.length);
    if (wanted === 0) return NOTHING;
    const first = this.#pieces[0];
    if (first.byteLength - this.#head >= wanted) return first.subarray(this.#head, this.#head + wanted);
    const joined = new Uint8Array(wanted);
    let at = 0;
    let from = this.#head;
    for (const piece of this.#pieces) {
      const part = piece.subarray(from, from + wanted - at);
      joined.set(part, at);
      at += part.byteLength;
      from = 0;
      if (at === wanted) break;
    }
    return joined;
  }

  /** The longest run of waiting bytes that needs no copy, at most `count` of them, without taking it. */
  peekRun(count: number): Uint8Array {
    const first = this.#pieces[0];
    return first === undefined ? NOTHING : first.subarray(this.#head, this.#head + count);
  }

  /** Takes the next `count` bytes, or all that wait if there are fewer. */
  take(count: number): Uint8Array {
    const bytes = this.peek(count);
    this.skip(bytes.byteLength);
    return bytes;
  }

  /** Drops the next `count` bytes, which must be waiting. */
  skip(count: number): void {
    this.offset += count;
    this.length -= count;
    let head = this.#head + count;
    let gone = 0;
    while (gone < this.#pieces.length && head >= this.#pieces[gone].byteLength) head -= this.#pieces[gone++].byteLength;
    if (gone > 0) this.#pieces.splice(0, gone);
    this.#head = head;
  }
}

const NOTHING = new Uint8Array(0);
