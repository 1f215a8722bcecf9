import type { Clock } from '@millrace/api';

/** Deaths that are followed at once by a new attempt. */
const FREE_DEATHS = 4;
const FIRST_PAUSE_MS = 50;
const PAUSE_MAX_MS = 1000;
/** Time after which a death is forgotten. */
const FORGET_MS = 10_000;

/**
 * Slows down what kills workers again and again: starting a worker costs more than most grinds, and a plugin that
 * always dies must not take the machine with it.
 */
export class Respawn {
  readonly #clock: Pick<Clock, 'after' | 'monotonic'>;
  #deaths: number[] = [];

  constructor(clock: Pick<Clock, 'after' | 'monotonic'>) {
    this.#clock = clock;
  }

  /** Called after each death; resolves when the next attempt may begin. */
  async pause(): Promise<void> {
    const now = this.#clock.monotonic();
    this.#deaths = this.#deaths.filter((at) => now - at < FORGET_MS);
    this.#deaths.push(now);
    const excess = this.#deaths.length - FREE_DEATHS;
    if (excess <= 0) return;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (excess - 1), PAUSE_MAX_MS);
    await new Promise<void>((resolve) => void this.#clock.after(pauseMs, resolve));
  }
}
