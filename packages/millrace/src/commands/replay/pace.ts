import { setTimeout as sleep } from 'node:timers/promises';
import { ComponentError } from '@millrace/api';

/** How fast items may leave. */
export class Pace {
  readonly #perSecond: number;
  #startedMs: number | undefined;
  #items = 0;

  private constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Of `1000` or `1000/s`; undefined: as fast as it goes. Throws a ComponentError. */
  static of(rate: string | undefined): Pace {
    const number = rate === undefined ? Infinity : Number(/^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(rate)?.[1]);
    if (number > 0) return new Pace(number);
    throw new ComponentError(`--rate ${rate ?? ''}: is no number of items per second`, {
      code: 'RATE_INVALID',
      remedy: 'write it as 1000/s',
    });
  }

  /** Waits until so many more items may leave. */
  async admit(items: number, abort: AbortSignal): Promise<void> {
    this.#startedMs ??= performance.now();
    const dueMs = this.#startedMs + (this.#items / this.#perSecond) * 1000;
    this.#items += items;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: abort }).catch(() => undefined);
  }
}
