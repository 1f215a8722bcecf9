const SCALE_MAX = 20;
/** With fewer, a scale for the whole range of doubles could not be reached by halving. */
const SIZE_MIN = 2;

/**
 * A histogram of values >= 0 whose buckets grow by a factor of 2^(2^-scale). It starts with the finest scale and halves
 * the resolution when values lie too far apart
 * (https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram).
 */
export class ExponentialHistogram {
  readonly #maxSize: number;
  count = 0;
  sum = 0;
  zeroCount = 0;
  min = Infinity;
  max = -Infinity;
  scale = SCALE_MAX;
  /** Index of the first bucket. */
  offset = 0;
  counts: number[] = [];

  constructor(maxSize: number) {
    this.#maxSize = Math.max(maxSize, SIZE_MIN);
  }

  observe(value: number, times: number): void {
    this.count += times;
    this.sum += value * times;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (value === 0) {
      this.zeroCount += times;
      return;
    }
    let index = indexOf(value, this.scale);
    if (this.counts.length === 0) this.offset = index;
    for (;;) {
      const first = Math.min(this.offset, index);
      const last = Math.max(this.offset + this.counts.length - 1, index);
      if (last - first < this.#maxSize) break;
      this.#halve();
      index = indexOf(value, this.scale);
    }
    this.#reach(index);
    this.counts[index - this.offset] += times;
  }

  /** Extends the buckets to one with this index. */
  #reach(index: number): void {
    if (index < this.offset) {
      this.counts.unshift(...Array.from({ length: this.offset - index }, () => 0));
      this.offset = index;
    }
    while (index >= this.offset + this.counts.length) this.counts.push(0);
  }

  /** Joins neighbours: bucket i becomes part of floor(i / 2). */
  #halve(): void {
    const { counts, offset } = this;
    const first = offset >> 1;
    const halved: number[] = [];
    counts.forEach((count, at) => {
      const index = ((offset + at) >> 1) - first;
      halved[index] = (halved[index] ?? 0) + count;
    });
    this.counts = halved;
    this.offset = first;
    this.scale--;
  }
}

const word = new DataView(new ArrayBuffer(8));

/** The bucket (base^index, base^(index + 1)] that holds a positive value. */
function indexOf(value: number, scale: number): number {
  word.setFloat64(0, value);
  const high = word.getUint32(0);
  const isPowerOfTwo = (high & 0xfffff) === 0 && word.getUint32(4) === 0;
  // Subnormal values count as the smallest normal one.
  const exponent = Math.max(((high >>> 20) & 0x7ff) - 1023, -1022);
  if (scale <= 0) return (isPowerOfTwo ? exponent - 1 : exponent) >> -scale;
  const steps = 2 ** scale;
  if (isPowerOfTwo) return exponent * steps - 1;
  // The logarithm may be off by its last bit; a value never leaves its power of two.
  const index = Math.floor(Math.log2(value) * steps);
  return Math.min(Math.max(index, exponent * steps), (exponent + 1) * steps - 1);
}
