const BYTES_MIN = 1_024;
/** A thousand million numbers: 128 MiB. */
const NUMBERS_MAX = 2 ** 30;

/** Numbers from 0 on, one bit each. Those beyond {@link NUMBERS_MAX} are not kept. */
export class NumberSet {
  #bits: Uint8Array;
  #size = 0;

  /** The numbers of `bytes`, as {@link bytes} gives them. */
  constructor(bytes: Uint8Array = new Uint8Array(BYTES_MIN)) {
    this.#bits = bytes;
    for (const byte of bytes) this.#size += bitsOf(byte);
  }

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** One bit for each number, the lowest bit of the first byte for 0. */
  get bytes(): Uint8Array {
    return this.#bits;
  }

  has(number: number): boolean {
    return ((this.#bits[Math.floor(number / 8)] ?? 0) & (1 << (number % 8))) !== 0;
  }

  /** False for one that was there, or is not kept. */
  add(number: number): boolean {
    if (number >= NUMBERS_MAX || this.has(number)) return false;
    this.#grow(number);
    this.#bits[Math.floor(number / 8)] |= 1 << (number % 8);
    this.#size += 1;
    return true;
  }

  addRange(first: number, count: number): void {
    for (let number = first; number < first + count; number++) this.add(number);
  }

  /** How many of these are not in `other`. */
  countMissingFrom(other: NumberSet): number {
    let missing = 0;
    for (let index = 0; index < this.#bits.length; index++) {
      missing += bitsOf(this.#bits[index] & ~(other.#bits[index] ?? 0));
    }
    return missing;
  }

  #grow(number: number): void {
    if (number < this.#bits.length * 8) return;
    const longer = new Uint8Array(Math.max(this.#bits.length * 2, Math.floor(number / 8) + 1));
    longer.set(this.#bits);
    this.#bits = longer;
  }
}

function bitsOf(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
  return count;
}
