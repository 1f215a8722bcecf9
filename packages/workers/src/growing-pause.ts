import type { Clock } from '@millrace/api';

export interface GrowingPauseSettings {
  /** Events that cost no pause. */
  readonly free: number;
  /** After the first that is not free; each further one doubles it. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** Time after which an event is forgotten. */
  readonly forgetMs: number;
}

/** How long to pause for something that happens again and again. */
export class GrowingPause {
  readonly #settings: GrowingPauseSettings;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #times: number[] = [];

  constructor(settings: GrowingPauseSettings, clock: Pick<Clock, 'monotonic'>) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Events that are remembered, since the last one. */
  get events(): number {
    return this.#times.length;
  }

  /** It has happened. The result is the pause, in milliseconds. */
  note(): number {
    const { firstMs, maxMs, forgetMs } = this.#settings;
    const now = this.#clock.monotonic();
    this.#times = this.#times.filter((at) => now - at < forgetMs);
    this.#times.push(now);
    return this.isPausing ? Math.min(firstMs * 2 ** (this.events - this.#settings.free - 1), maxMs) : 0;
  }

  /** Whether more is remembered than is free. */
  get isPausing(): boolean {
    return this.events > this.#settings.free;
  }
}
