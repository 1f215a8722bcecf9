/** Pseudo-random numbers from a seed (xorshift32), so that every run has the same load. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0 || 1;
  }

  below(limit: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % limit;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += (this.below(2 ** 31) + 2 ** 31).toString(16);
    return text.slice(0, digits);
  }
}
