import { lengthAt, varintEnd } from './wire.ts';

/** Thrown where a singular field occurs twice: the message has to be normalized before it can be written in one pass. */
export const MERGE_FIRST: Error = new Error('a singular field occurs twice');

/** Reads whose second result is left beside the first; one at a time, used at once. */
export const payload = {
  /** Where the length-delimited content that was entered last ends. */
  end: 0,
  /** The halves of the integer that was read last, both unsigned. */
  low: 0,
  high: 0,

  /** Where the content of a length-delimited field begins; `at` is behind its tag. */
  start(bytes: Uint8Array, at: number, end: number): number {
    const first = at < end ? bytes[at] : 0x80;
    if (first < 0x80 && at + 1 + first <= end) {
      this.end = at + 1 + first;
      return at + 1;
    }
    const length = lengthAt(bytes, at, end);
    const start = varintEnd(bytes, at, end);
    this.end = start + length;
    return start;
  },

  /** Reads a varint into `low` and `high`. */
  varint(bytes: Uint8Array, at: number, end: number): void {
    const after = varintEnd(bytes, at, end);
    let low = 0;
    let high = 0;
    for (let i = at, shift = 0; i < after; i++, shift += 7) {
      const bits = bytes[i] & 0x7f;
      if (shift < 28) {
        low |= bits << shift;
      } else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else {
        high |= bits << (shift - 32);
      }
    }
    this.low = low >>> 0;
    this.high = high >>> 0;
  },
};
