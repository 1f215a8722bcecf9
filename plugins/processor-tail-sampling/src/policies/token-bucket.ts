import type { Clock } from '@millrace/api';

/** Allows what fits into a rate, and at most `capacity` at a time. It begins full and fills all the time. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #capacity: number;
  readonly #clock: Clock;
  #tokens: number;
  #filledAtMs: number;

  constructor(options: { readonly perSecond: number; readonly capacity: number }, clock: Clock) {
    this.#perMs = options.perSecond / 1000;
    this.#capacity = options.capacity;
    this.#clock = clock;
    this.#tokens = options.capacity;
    this.#filledAtMs = clock.monotonic();
  }

  /** Takes `count` out; false, and nothing is taken, when there are not as many. */
  take(count: number): boolean {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#capacity, this.#tokens + (now - this.#filledAtMs) * this.#perMs);
    this.#filledAtMs = now;
    if (count > this.#tokens) return false;
    this.#tokens -= count;
    return true;
  }
}
