import type { Logger } from '@millrace/api';
import type { StepFault } from '@millrace/workers';

/** Time for which a place that was logged is counted only: every batch may fail at it. */
const QUIET_MS = 60_000;

/** Places that are told apart. A plugin has few; beyond them nothing new is logged until the oldest is forgotten. */
const PLACES_MAX = 100;

/** Logs what steps throw and did not mean to, which else only senders learn: each place in a plugin once a minute. */
export class StepFaultLog {
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  /** When a place was logged, and how often it failed since; the oldest first. */
  readonly #places = new Map<string, { readonly loggedMs: number; unsaid: number }>();

  constructor(logger: Logger, nowMs: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  fault({ message, at }: StepFault): void {
    const nowMs = this.#nowMs();
    const known = this.#places.get(at);
    if (known !== undefined && nowMs - known.loggedMs < QUIET_MS) {
      known.unsaid++;
      return;
    }
    if (known === undefined && this.#places.size >= PLACES_MAX && !this.#forgetOldest(nowMs)) return;
    this.#places.delete(at);
    this.#places.set(at, { loggedMs: nowMs, unsaid: 0 });
    const unsaid = known?.unsaid ?? 0;
    this.#logger.error(message, { at, ...(unsaid === 0 ? {} : { failures_before: unsaid }) });
  }

  #forgetOldest(nowMs: number): boolean {
    const [oldest] = this.#places;
    if (oldest === undefined || nowMs - oldest[1].loggedMs < QUIET_MS) return false;
    return this.#places.delete(oldest[0]);
  }
}
