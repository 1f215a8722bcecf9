import type { Clock } from '@millrace/api';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test turns it. */
export class ManualClock implements Clock {
  readonly #startedAtMs: number;
  readonly #timers = new Set<Timer>();
  #elapsedMs = 0;
  #order = 0;

  constructor(startedAtMs = 1_700_000_000_000) {
    this.#startedAtMs = startedAtMs;
  }

  now(): number {
    return this.#startedAtMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets `ms` pass: each timer that falls due fires at its time, in order, and what follows from it runs. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#elapsedMs + ms;
    await this.settle();
    for (let timer = this.#next(targetMs); timer !== undefined; timer = this.#next(targetMs)) {
      this.#timers.delete(timer);
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs);
      timer.callback();
      await this.settle();
    }
    this.#elapsedMs = targetMs;
  }

  /** Runs what can run without time passing: Node empties the microtask queue before an immediate. */
  settle(): Promise<void> {
    return new Promise((resolve) => void setImmediate(resolve));
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
