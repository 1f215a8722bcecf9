import type { Clock } from '@millrace/api';

/** Ends that are followed at once by another start. */
const FREE_ENDS = 4;
const FIRST_PAUSE_MS = 100;
const PAUSE_MAX_MS = 5_000;
/** Time after which an end is forgotten. */
const FORGET_MS = 60_000;

/**
 * Slows down the start of workers that end while they are idle, again and again: Piscina replaces each of them at once. The
 * worker itself waits, before it imports anything, for as long as shared memory says.
 */
export class RestartPause {
  /** `[pause in milliseconds, never changed]` */
  readonly cells = new Int32Array(new SharedArrayBuffer(8));
  readonly #clock: Pick<Clock, 'monotonic'>;
  #ends: number[] = [];

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** A worker has ended. The result is how many ends are remembered, with this one. */
  note(): number {
    const now = this.#clock.monotonic();
    this.#ends = this.#ends.filter((at) => now - at < FORGET_MS);
    this.#ends.push(now);
    const excess = this.#ends.length - FREE_ENDS;
    const pauseMs = excess <= 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (excess - 1), PAUSE_MAX_MS);
    Atomics.store(this.cells, 0, pauseMs);
    return this.#ends.length;
  }

  /** Whether the ends that are remembered are so many that the next start waits. */
  get isPausing(): boolean {
    return this.#ends.length > FREE_ENDS;
  }
}
