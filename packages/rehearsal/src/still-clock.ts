import type { Clock } from '@millrace/api';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** When a rehearsal begins unless it says otherwise: 2026-01-01T00:00:00Z. */
export const START_MS = Date.UTC(2026, 0, 1);

/** A clock that stands still until somebody turns it. */
export class StillClock implements Clock {
  readonly #startMs: number;
  readonly #timers = new Set<Timer>();
  #elapsedMs = 0;
  #order = 0;
  #events = 0;

  constructor(startMs = START_MS) {
    this.#startMs = startMs;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.add(timer);
    this.stir();
    return () => {
      this.#timers.delete(timer);
      this.stir();
    };
  }

  /** Says that something happens: {@link settle} waits until nothing does. */
  stir(): void {
    this.#events++;
  }

  /** When the next timer falls due, on the monotonic clock; undefined where none is set. */
  get nextDueMs(): number | undefined {
    return this.#next(Infinity)?.dueMs;
  }

  /**
   * Lets `ms` pass: each timer that falls due fires at its time, in order, and what follows from it runs. Throws an Error
   * where timers set others without an end.
   */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#elapsedMs + ms;
    let fired = 0;
    await this.settle();
    for (let timer = this.#next(targetMs); timer !== undefined; timer = this.#next(targetMs)) {
      if (++fired > TIMERS_MAX)
        throw new Error(`more than ${TIMERS_MAX} timers fired within ${ms} ms: they do not end`);
      this.#timers.delete(timer);
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs);
      timer.callback();
      await this.settle();
    }
    this.#elapsedMs = targetMs;
  }

  /** Runs what can run without time passing. Reads of files that are under way count as running. */
  async settle(): Promise<void> {
    let seen = this.#events;
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await turn();
      if (this.#events === seen && !readsFiles()) continue;
      seen = this.#events;
      quiet = 0;
    }
  }

  #next(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue;
      if (first === undefined || timer.dueMs < first.dueMs) first = timer;
      else if (timer.dueMs === first.dueMs && timer.order < first.order) first = timer;
    }
    return first;
  }
}

/** A day of timers that fire each second. */
const TIMERS_MAX = 100_000;

/** A payload takes one turn of the event loop for each stage that it passes; no configuration has so many in a row. */
const QUIET_TURNS = 32;

/** Node empties the queue of promises before an immediate. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function readsFiles(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}
