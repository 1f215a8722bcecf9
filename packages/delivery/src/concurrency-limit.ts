import type { DeliveryError } from '@millrace/api';
import { Fifo } from './fifo.ts';

export interface ConcurrencyBounds {
  readonly min: number;
  readonly max: number;
}

/** A round slower than this many times what the destination needs when it is at ease: requests wait in it. */
const SLOWER = 1.5;
/** Shares that stay of the limit when the destination gets slower, and when it throttles or fails. */
const AFTER_SLOWDOWN = 0.9;
const AFTER_FAILURE = 0.5;
/** After so many rounds the destination is put at ease for one, at this share of the limit: it may have changed. */
const ROUNDS_BETWEEN_LOOKS = 50;
const AT_EASE = 0.5;

/**
 * How many requests are sent at a time, by additive increase and multiplicative decrease. A round is as many answers as the
 * limit, to requests that were sent under that limit. One that is not slower than the destination at ease lets one more
 * through (twice as many, until something was ever too much); a slower one takes a tenth away, and an error that can be
 * retried (429, 503, a timeout) half.
 */
export class ConcurrencyLimit {
  readonly #bounds: ConcurrencyBounds;
  readonly #waiting = new Fifo<(round: number) => void>();
  #limit: number;
  #active = 0;
  #isOpen = false;
  #isSlowStart = true;
  /** Mean time of a round at ease. */
  #easeMs: number | undefined;
  #isAtEase = true;
  #roundsSinceLook = 0;
  #round = 0;
  #answers = 0;
  #totalMs = 0;
  /** Whether there was more to send than the limit lets through, in this round. */
  #wasReached = false;

  constructor(bounds: ConcurrencyBounds) {
    this.#bounds = bounds;
    this.#limit = bounds.min;
  }

  /** At present. */
  get limit(): number {
    return Math.max(this.#bounds.min, Math.floor(this.#isLooking ? this.#limit * AT_EASE : this.#limit));
  }

  /** Resolves, in the order of the calls, when one more may be sent; {@link release} follows, with the result. */
  async acquire(): Promise<number> {
    if (this.#isOpen || (this.#active < this.limit && this.#waiting.length === 0)) {
      this.#active += 1;
      this.#wasReached ||= this.#active >= this.limit;
      return this.#round;
    }
    this.#wasReached = true;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** A request was answered after `durationMs`. */
  release(round: number, durationMs: number, error: DeliveryError | undefined): void {
    this.#active -= 1;
    // Older ones say nothing of the present limit.
    if (round === this.#round) this.#count(durationMs, error);
    this.#admit();
  }

  /** Lets everybody through from now on: nobody can wait any longer. */
  open(): void {
    this.#isOpen = true;
    this.#admit();
  }

  #admit(): void {
    while (this.#waiting.length > 0 && (this.#isOpen || this.#active < this.limit)) {
      this.#active += 1;
      this.#waiting.shift()?.(this.#round);
    }
  }

  #count(durationMs: number, error: DeliveryError | undefined): void {
    // A part that was taken, and a refusal for good, say nothing of load.
    if (error?.retryable === true && error.failedItems === undefined) {
      this.#lower(AFTER_FAILURE);
      this.#nextRound();
      return;
    }
    this.#answers += 1;
    this.#totalMs += durationMs;
    if (this.#answers < this.limit) return;
    this.#judge(this.#totalMs / this.#answers);
    this.#nextRound();
  }

  #judge(meanMs: number): void {
    if (this.#isAtEase || this.#easeMs === undefined || meanMs < this.#easeMs) this.#easeMs = meanMs;
    if (meanMs > this.#easeMs * SLOWER) this.#lower(AFTER_SLOWDOWN);
    else if (this.#wasReached && !this.#isLooking) this.#limit = this.#isSlowStart ? this.#limit * 2 : this.#limit + 1;
    this.#limit = Math.min(this.#bounds.max, this.#limit);
  }

  /** Whether this is a round at half the limit, to see what the destination needs. */
  get #isLooking(): boolean {
    return this.#isAtEase && !this.#isSlowStart;
  }

  #lower(share: number): void {
    this.#limit = Math.max(this.#bounds.min, this.#limit * share);
    this.#isSlowStart = false;
  }

  #nextRound(): void {
    this.#roundsSinceLook = this.#isAtEase ? 0 : this.#roundsSinceLook + 1;
    this.#isAtEase = this.#roundsSinceLook >= ROUNDS_BETWEEN_LOOKS;
    this.#round += 1;
    this.#answers = 0;
    this.#totalMs = 0;
    this.#wasReached = this.#waiting.length > 0;
  }
}
