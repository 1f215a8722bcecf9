import type { RetrySettings } from './settings.ts';

/** The settings that shape the waits between attempts. */
export type BackoffSettings = Pick<
  RetrySettings,
  'initial_interval' | 'randomization_factor' | 'multiplier' | 'max_interval'
>;

/**
 * Exponential backoff with jitter, by the formula of github.com/cenkalti/backoff that the Collector uses:
 *
 *     wait     = interval * (a random value in [1 - randomization_factor, 1 + randomization_factor])
 *     interval = min(interval * multiplier, max_interval)     after each wait
 *
 * `max_interval` caps the interval and not the randomized wait; a larger `initial_interval` is still used once.
 */
export class Backoff {
  readonly #settings: BackoffSettings;
  readonly #random: () => number;
  #intervalMs: number;

  /** `random` gives values in [0, 1). */
  constructor(settings: BackoffSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
    this.#intervalMs = settings.initial_interval;
  }

  /** The next wait in milliseconds. */
  next(): number {
    const { randomization_factor: factor, multiplier, max_interval: maxMs } = this.#settings;
    const spreadMs = factor * this.#intervalMs;
    const waitMs = this.#intervalMs - spreadMs + this.#random() * 2 * spreadMs;
    this.#intervalMs = this.#intervalMs >= maxMs / multiplier ? maxMs : this.#intervalMs * multiplier;
    return waitMs;
  }
}
