import type { Clock } from '@millrace/api';

/** What may be used at once after a pause: short grinds of an idle plugin are not held back. */
const BURST_MS = 100;

/** Holds work back so that, over time, it uses no more than a share of one core. */
export class CpuShare {
  readonly #share: number;
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>;
  /** CPU time that may be used now; below 0 after long work. */
  #creditMs: number;
  #atMs: number;
  #throttledMs = 0;

  /** @param share above 0, up to 1. */
  constructor(share: number, clock: Pick<Clock, 'monotonic' | 'after'>) {
    this.#share = share;
    this.#clock = clock;
    this.#creditMs = BURST_MS * share;
    this.#atMs = clock.monotonic();
  }

  /** Time for which work was held back, in milliseconds. */
  get throttledMs(): number {
    return this.#throttledMs;
  }

  /** Resolves when the next work may begin. */
  async turn(): Promise<void> {
    this.#earn();
    if (this.#creditMs >= 0) return;
    const pauseMs = -this.#creditMs / this.#share;
    this.#throttledMs += pauseMs;
    await new Promise<void>((resolve) => void this.#clock.after(pauseMs, resolve));
  }

  /** What the work took. */
  spend(cpuMs: number): void {
    this.#earn();
    this.#creditMs -= cpuMs;
  }

  #earn(): void {
    const now = this.#clock.monotonic();
    this.#creditMs = Math.min(this.#creditMs + (now - this.#atMs) * this.#share, BURST_MS * this.#share);
    this.#atMs = now;
  }
}
