const SIZE_MIN = 256;

/** The bytes that tell one series of a metric from another; reused from span to span. */
export class SeriesKey {
  bytes = new Uint8Array(SIZE_MIN);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.#reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Adds `source[start, end)` with its length in front, so that two parts never look like two others. */
  part(source: Uint8Array, start = 0, end = source.length): void {
    const size = end - start;
    this.#reserve(size + 5);
    const { bytes } = this;
    let to = this.length;
    if (size < 0xff) bytes[to++] = size;
    else {
      bytes[to++] = 0xff;
      for (let shift = 0; shift < 32; shift += 8) bytes[to++] = size >>> shift;
    }
    // Names and values are short: a loop beats the call of set().
    for (let from = start; from < end; from++) bytes[to++] = source[from];
    this.length = to;
  }

  /** A 32-bit hash, four bytes a step. */
  hash(): number {
    const { bytes, length } = this;
    let hash = length;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      hash = Math.imul((hash << 13) | (hash >>> 19), 5) + Math.imul(word, 0x9e3779b1);
    }
    for (; at < length; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return (hash ^ (hash >>> 13)) | 0;
  }

  equals(other: Uint8Array): boolean {
    const { bytes, length } = this;
    if (other.length !== length) return false;
    for (let at = 0; at < length; at++) if (bytes[at] !== other[at]) return false;
    return true;
  }

  copy(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.length + count, this.bytes.length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
