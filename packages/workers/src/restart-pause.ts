import type { Clock } from '@millrace/api';
import { GrowingPause } from './growing-pause.ts';

const PAUSES = { free: 4, firstMs: 100, maxMs: 5_000, forgetMs: 60_000 };

/**
 * Slows down the start of workers that end while they are idle, again and again: Piscina replaces each of them at once. The
 * worker itself waits, before it imports anything, for as long as shared memory says.
 */
export class RestartPause {
  /** `[pause in milliseconds, never changed]` */
  readonly cells = new Int32Array(new SharedArrayBuffer(8));
  readonly #pauses: GrowingPause;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#pauses = new GrowingPause(PAUSES, clock);
  }

  /** A worker has ended. The result is how many ends are remembered, with this one. */
  note(): number {
    Atomics.store(this.cells, 0, this.#pauses.note());
    return this.#pauses.events;
  }

  /** Whether the ends that are remembered are so many that the next start waits. */
  get isPausing(): boolean {
    return this.#pauses.isPausing;
  }
}
