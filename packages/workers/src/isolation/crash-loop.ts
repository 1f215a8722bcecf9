import type { Clock, Logger } from '@millrace/api';

/** So many deaths within the window are no accident. */
const DEATHS_MIN = 6;
const WINDOW_MS = 10_000;

/** Names a plugin that ends its worker again and again: once at its begin, and once when it is over. */
export class CrashLoop {
  readonly #plugin: string;
  readonly #logger: Logger;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #deaths: number[] = [];
  #isNamed = false;

  constructor(plugin: string, logger: Logger, clock: Pick<Clock, 'monotonic'>) {
    this.#plugin = plugin;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Called after each work, with the deaths that it cost. */
  add(deaths: number): void {
    const now = this.#clock.monotonic();
    for (let death = 0; death < deaths; death++) this.#deaths.push(now);
    this.#deaths = this.#deaths.filter((at) => now - at < WINDOW_MS);
    if (this.#deaths.length >= DEATHS_MIN && !this.#isNamed) {
      this.#isNamed = true;
      this.#logger.error(
        `plugin ${this.#plugin} ends its worker again and again; it is restarted after a pause each time`,
        {
          deaths: this.#deaths.length,
          window_s: WINDOW_MS / 1_000,
          remedy: 'see the reasons in the warnings before; take it out of its pipelines until it is mended',
        },
      );
    } else if (this.#deaths.length === 0 && this.#isNamed) {
      this.#isNamed = false;
      this.#logger.info(`plugin ${this.#plugin} works again`);
    }
  }
}
