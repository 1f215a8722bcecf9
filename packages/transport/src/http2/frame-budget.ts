import type { Clock } from '@millrace/api';

/**
 * How many frames of a kind a peer may send: some at once, and so many a second on average. A connection without any reason for
 * thousands of resets, pings or empty frames is ended; see CVE-2019-9512 and the like, and CVE-2023-44487.
 */
export class FrameBudget {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #filledAtMs: number;

  constructor(clock: Clock, limits: { readonly burst: number; readonly perSecond: number }) {
    this.#clock = clock;
    this.#burst = limits.burst;
    this.#perSecond = limits.perSecond;
    this.#left = limits.burst;
    this.#filledAtMs = clock.monotonic();
  }

  /** Takes one; false when none is left. */
  spend(): boolean {
    if (this.#left < 1) this.#refill();
    this.#left -= 1;
    return this.#left >= 0;
  }

  /** Useful work entitles the peer to more. */
  earn(count: number): void {
    this.#left = Math.min(this.#burst, this.#left + count);
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#filledAtMs) / 1000) * this.#perSecond);
    this.#filledAtMs = now;
  }
}
