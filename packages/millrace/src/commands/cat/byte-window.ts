/** Bytes that arrive in pieces of any size and leave in pieces of another. */
export class ByteWindow {
  /** How many bytes have been taken. */
  offset = 0;
  #pieces: Uint8Array[] = [];
  #length = 0;
  /** How many of the waiting bytes are known not to be what is looked for. */
  #searchedBytes = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes, which are kept as they are. */
  push(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#pieces.push(bytes);
    this.#length += bytes.byteLength;
  }

  /** Where `byte` is first, counted from the next byte to be taken; -1 if it has not arrived. Always the same byte. */
  indexOf(byte: number): number {
    let start = 0;
    for (const piece of this.#pieces) {
      const from = Math.max(0, this.#searchedBytes - start);
      if (from < piece.byteLength) {
        const found = piece.indexOf(byte, from);
        if (found >= 0) {
          this.#searchedBytes = start + found;
          return start + found;
        }
      }
      start += piece.byteLength;
    }
    this.#searchedBytes = this.#length;
    return -1;
  }

  /** The next `count` bytes, which must be there. */
  peek(count: number): Uint8Array {
    const [first] = this.#pieces;
    if (first !== undefined && first.byteLength >= count) return first.subarray(0, count);
    return this.#joined(count);
  }

  /** Takes the next `count` bytes, which must be there. */
  take(count: number): Uint8Array {
    const bytes = this.peek(count);
    this.#drop(count);
    return bytes;
  }

  #joined(count: number): Uint8Array {
    const joined = new Uint8Array(count);
    let at = 0;
    for (const piece of this.#pieces) {
      const part = piece.subarray(0, count - at);
      joined.set(part, at);
      at += part.byteLength;
      if (at === count) break;
    }
    return joined;
  }

  #drop(count: number): void {
    this.offset += count;
    this.#length -= count;
    this.#searchedBytes = Math.max(0, this.#searchedBytes - count);
    let left = count;
    let gone = 0;
    while (gone < this.#pieces.length && left >= this.#pieces[gone].byteLength) left -= this.#pieces[gone++].byteLength;
    if (gone > 0) this.#pieces.splice(0, gone);
    if (left > 0) this.#pieces[0] = this.#pieces[0].subarray(left);
  }
}
