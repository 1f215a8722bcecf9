import { setTimeout as sleep } from 'node:timers/promises';
import { parseRate } from '@millrace/load';

/** How fast items may leave. */
export class Pace {
  readonly #perSecond: number;
  #startedMs: number | undefined;
  #items = 0;

  private constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Of `1000`, `1000/s` or `unlimited`; undefined: as fast as it goes. Throws a ComponentError. */
  static of(rate: string | undefined): Pace {
    return new Pace(rate === undefined ? Infinity : parseRate(rate));
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
