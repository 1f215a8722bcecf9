/** What all buckets of a limit have in common. */
export interface BucketRate {
  readonly tokensPerMs: number;
  readonly burst: number;
}

/** Who was told when to come again does not come in vain because of a sum of fractions. */
const ROUNDING = 1e-6;

/**
 * Tokens that come in steadily, up to a burst. What is larger than the burst passes once the bucket is full, and leaves it in
 * debt: otherwise it would never pass.
 */
export class TokenBucket {
  readonly #rate: BucketRate;
  #tokens: number;
  #atMs: number;
  /** Share of the next item of the rest that has come together (see `excess: sample`). */
  sampled = 0;
  /** Which batch asked for it last. */
  usedIn = 0;

  constructor(rate: BucketRate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#atMs = nowMs;
  }

  /** Before anything is asked. Clocks that go back are waited for. */
  refill(nowMs: number): void {
    if (nowMs <= this.#atMs) return;
    const { tokensPerMs, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + (nowMs - this.#atMs) * tokensPerMs);
    this.#atMs = nowMs;
  }

  get isFull(): boolean {
    return this.#tokens >= this.#rate.burst;
  }

  /** Whether it has so many, without going into debt. */
  covers(tokens: number): boolean {
    return this.#tokens + ROUNDING >= tokens;
  }

  /** Whether something that takes so many, and cannot be divided, passes. */
  has(tokens: number): boolean {
    return this.covers(Math.min(tokens, this.#rate.burst));
  }

  take(tokens: number): void {
    this.#tokens -= tokens;
  }

  giveBack(tokens: number): void {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + tokens);
  }

  /** Milliseconds until it has so many. */
  waitMs(tokens: number): number {
    const { tokensPerMs, burst } = this.#rate;
    return Math.max(0, Math.ceil((Math.min(tokens, burst) - this.#tokens - ROUNDING) / tokensPerMs));
  }
}
