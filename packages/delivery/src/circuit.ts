import type { Clock, DeliveryError } from '@millrace/api';
import type { Backoff } from './backoff.ts';
import { Fifo } from './fifo.ts';
import { Trigger } from './trigger.ts';

/** `open`: between two probes; `probing`: one is under way. */
export type CircuitState = 'closed' | 'probing' | 'open';

export interface CircuitOptions {
  /** So many failures in a row open it. */
  readonly failures: number;
  readonly clock: Clock;
  /** Told when it opens, with the last failure, and when it closes. */
  readonly onChange: (isOpen: boolean, error: DeliveryError | undefined) => void;
}

/** One load on its way through retries. */
export class Passage {
  /** Shapes its waits; while it probes, those of all. */
  backoff: Backoff;
  /** Fires when it may go on. */
  turn = new Trigger();

  constructor(backoff: Backoff) {
    this.backoff = backoff;
  }
}

/**
 * Spares a destination that is away: after so many failures in a row, of all that is sent to it, one load at a time goes
 * on with its retries, the probe, and all others wait for what becomes of it. When it arrives, or is refused for good by a
 * destination that works, all go on; when it is given up, the next one takes its place, and its backoff.
 */
export class Circuit {
  readonly #options: CircuitOptions;
  readonly #waiting = new Fifo<Passage>();
  #failures = 0;
  #isOpen = false;
  #underWay = false;
  #probe: Passage | undefined;
  /** That of the last probe, for the next one. */
  #backoff: Backoff | undefined;
  #nextProbeAtMs = 0;

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  get state(): CircuitState {
    if (!this.#isOpen) return 'closed';
    return this.#underWay ? 'probing' : 'open';
  }

  /** Whether a load may be sent now. */
  admits(passage: Passage): boolean {
    return !this.#isOpen || this.#probe === passage;
  }

  /** Resolves when a load may be sent, or at a time of the monotonic clock, or when `stop` fires. */
  async wait(passage: Passage, until: { readonly ms: number; readonly stop: Trigger }): Promise<void> {
    const { clock } = this.#options;
    passage.turn = new Trigger();
    this.#waiting.push(passage);
    this.#choose();
    await new Promise<void>((resolve) => {
      const cancel = until.ms < Infinity ? clock.after(Math.max(0, until.ms - clock.monotonic()), end) : undefined;
      const unsubscribe = until.stop.subscribe(end);
      passage.turn.subscribe(end);
      function end(): void {
        cancel?.();
        unsubscribe?.();
        resolve();
      }
    });
    passage.turn.fire();
    if (this.#probe !== passage || until.stop.fired || clock.monotonic() >= this.#nextProbeAtMs) return;
    // Its time was over before the probe's came.
    this.#probe = undefined;
    this.#choose();
  }

  /** An attempt begins. */
  began(passage: Passage): void {
    if (this.#probe === passage) this.#underWay = true;
  }

  /** An attempt has ended. Its load goes on with `passage.backoff`. */
  ended(passage: Passage, error: DeliveryError | undefined): void {
    if (this.#probe === passage) this.#underWay = false;
    // What is refused for good, or in part, was looked at by a destination that works.
    if (error === undefined || !error.retryable || error.failedItems !== undefined) {
      this.#failures = 0;
      if (this.#isOpen) this.#close();
      return;
    }
    this.#failures += 1;
    if (this.#isOpen || this.#failures < this.#options.failures) return;
    this.#isOpen = true;
    this.#probe = passage;
    this.#options.onChange(true, error);
  }

  /** A load is done with, whatever became of it. */
  left(passage: Passage): void {
    if (this.#probe === passage) this.#handOn(passage);
  }

  #handOn({ backoff }: Passage): void {
    this.#probe = undefined;
    this.#underWay = false;
    this.#backoff = backoff;
    this.#nextProbeAtMs = this.#options.clock.monotonic() + backoff.next();
    this.#choose();
  }

  /** Makes the load that has waited longest the probe, at the time of the next one. */
  #choose(): void {
    const { clock } = this.#options;
    if (!this.#isOpen || this.#probe !== undefined) return;
    let next = this.#waiting.shift();
    while (next?.turn.fired === true) next = this.#waiting.shift();
    if (next === undefined) return;
    const chosen = next;
    chosen.backoff = this.#backoff ?? chosen.backoff;
    this.#probe = chosen;
    const cancel = clock.after(Math.max(0, this.#nextProbeAtMs - clock.monotonic()), () => chosen.turn.fire());
    chosen.turn.subscribe(cancel);
  }

  #close(): void {
    this.#isOpen = false;
    this.#probe = undefined;
    this.#backoff = undefined;
    this.#options.onChange(false, undefined);
    for (const passage of this.#waiting.drain()) passage.turn.fire();
  }
}
