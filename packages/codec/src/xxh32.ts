/**
 * xxHash32 (XXH32, seed 0), fed in pieces: the checksum of LZ4 frames.
 * Specification: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */
export class Xxh32 {
  #total = 0;
  #a = (PRIME_1 + PRIME_2) | 0;
  #b = PRIME_2 | 0;
  #c = 0;
  #d = -PRIME_1 | 0;
  /** Input that does not fill a stripe yet. */
  readonly #rest = new Uint8Array(STRIPE_BYTES);
  #restLength = 0;

  update(bytes: Uint8Array): this {
    this.#total += bytes.byteLength;
    let at = 0;
    if (this.#restLength > 0) {
      at = Math.min(STRIPE_BYTES - this.#restLength, bytes.byteLength);
      this.#rest.set(bytes.subarray(0, at), this.#restLength);
      this.#restLength += at;
      if (this.#restLength < STRIPE_BYTES) return this;
      this.#stripes(this.#rest, 0, STRIPE_BYTES);
      this.#restLength = 0;
    }
    const end = bytes.byteLength - ((bytes.byteLength - at) % STRIPE_BYTES);
    this.#stripes(bytes, at, end);
    this.#rest.set(bytes.subarray(end));
    this.#restLength = bytes.byteLength - end;
    return this;
  }

  /** The hash of everything so far, as an unsigned 32-bit number. More may follow. */
  digest(): number {
    let hash = (PRIME_5 + this.#total) | 0;
    if (this.#total >= STRIPE_BYTES) {
      hash = (rotate(this.#a, 1) + rotate(this.#b, 7) + rotate(this.#c, 12) + rotate(this.#d, 18) + this.#total) | 0;
    }
    const rest = this.#rest;
    let at = 0;
    for (; at + 4 <= this.#restLength; at += 4) {
      const lane = rest[at] | (rest[at + 1] << 8) | (rest[at + 2] << 16) | (rest[at + 3] << 24);
      hash = Math.imul(rotate((hash + Math.imul(lane, PRIME_3)) | 0, 17), PRIME_4);
    }
    for (; at < this.#restLength; at++) {
      hash = Math.imul(rotate((hash + Math.imul(rest[at], PRIME_5)) | 0, 11), PRIME_1);
    }
    hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
    hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  // Four independent lanes in locals; see benchmarks/micro/codec.
  #stripes(bytes: Uint8Array, start: number, end: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    for (let at = start; at < end; at += STRIPE_BYTES) {
      a = (a + Math.imul(view.getInt32(at, true), PRIME_2)) | 0;
      a = Math.imul((a << 13) | (a >>> 19), PRIME_1);
      b = (b + Math.imul(view.getInt32(at + 4, true), PRIME_2)) | 0;
      b = Math.imul((b << 13) | (b >>> 19), PRIME_1);
      c = (c + Math.imul(view.getInt32(at + 8, true), PRIME_2)) | 0;
      c = Math.imul((c << 13) | (c >>> 19), PRIME_1);
      d = (d + Math.imul(view.getInt32(at + 12, true), PRIME_2)) | 0;
      d = Math.imul((d << 13) | (d >>> 19), PRIME_1);
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}

/** XXH32 with seed 0 of one piece, as an unsigned 32-bit number. */
export function xxh32(bytes: Uint8Array): number {
  return new Xxh32().update(bytes).digest();
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

const STRIPE_BYTES = 16;
const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
