import type { Assignment } from './assignment.ts';

/** How long a worker may take to begin: it may have to start first, on a busy machine. */
const BEGIN_MS = 30_000;

/**
 * Ends runs that do not end by themselves. Looks at pulses a few times per deadline while something runs; costs the
 * workers nothing.
 */
export class Watchdog {
  readonly #deadlineMs: number;
  readonly #periodMs: number;
  readonly #kill: (assignment: Assignment) => void;
  readonly #watched = new Set<Assignment>();
  #timer: NodeJS.Timeout | undefined;
  #lastTick = 0;

  constructor(deadlineMs: number, kill: (assignment: Assignment) => void) {
    this.#deadlineMs = deadlineMs;
    this.#periodMs = Math.max(Math.ceil(deadlineMs / 8), 5);
    this.#kill = kill;
  }

  watch(assignment: Assignment): void {
    this.#watched.add(assignment);
    if (this.#timer !== undefined) return;
    this.#lastTick = performance.now();
    this.#timer = setInterval(() => this.#tick(), this.#periodMs).unref();
  }

  unwatch(assignment: Assignment): void {
    this.#watched.delete(assignment);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    // Kept for one idle period: stopping and starting it with every grind would cost more.
    if (this.#watched.size === 0) {
      this.stop();
      return;
    }
    const now = performance.now();
    // When this thread itself was blocked, answers may wait to be read: such time does not count in full.
    const elapsed = Math.min(now - this.#lastTick, this.#periodMs * 2);
    this.#lastTick = now;
    for (const assignment of this.#watched) {
      const pulse = assignment.vitals?.pulse ?? 0;
      if (pulse !== assignment.pulse) {
        assignment.pulse = pulse;
        assignment.begun = true;
        assignment.stillMs = 0;
        continue;
      }
      assignment.stillMs += elapsed;
      const limit = assignment.begun ? this.#deadlineMs : this.#deadlineMs + BEGIN_MS;
      if (assignment.stillMs <= limit || assignment.overdue) continue;
      assignment.overdue = true;
      this.#kill(assignment);
    }
  }
}
