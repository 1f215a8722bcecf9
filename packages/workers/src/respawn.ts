import type { Clock } from '@millrace/api';
import { GrowingPause } from './growing-pause.ts';

const PAUSES = { free: 4, firstMs: 50, maxMs: 1_000, forgetMs: 10_000 };

/**
 * Slows down what kills workers again and again: starting a worker costs more than most grinds, and a plugin that
 * always dies must not take the machine with it.
 */
export class Respawn {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #pauses: GrowingPause;

  constructor(clock: Pick<Clock, 'after' | 'monotonic'>) {
    this.#clock = clock;
    this.#pauses = new GrowingPause(PAUSES, clock);
  }

  /** Called after each death; resolves when the next attempt may begin. */
  async pause(): Promise<void> {
    const pauseMs = this.#pauses.note();
    if (pauseMs > 0) await new Promise<void>((resolve) => void this.#clock.after(pauseMs, resolve));
  }
}
