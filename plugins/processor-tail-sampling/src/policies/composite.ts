import type { Clock } from '@millrace/api';
import { type Decision, isYes } from '../decision.ts';
import type { Policy, TraceFacts, Watcher } from './policy.ts';

export interface Share {
  readonly policy: Policy;
  /** Spans that it may sample in a second. */
  readonly spansPerSecond: number;
}

/**
 * Asks policies in order: the first that samples a trace decides, and does so only within its share of spans in each
 * second of the clock.
 */
export class Composite implements Policy {
  readonly watchers: readonly Watcher[];
  readonly isStateful: boolean;
  readonly #shares: readonly Share[];
  readonly #maxTotal: number;
  readonly #clock: Clock;
  /** Spans that each has sampled in this second. */
  readonly #sampled: number[];
  #second = -1;

  constructor(shares: readonly Share[], maxTotal: number, clock: Clock) {
    this.#shares = shares;
    this.#maxTotal = maxTotal;
    this.#clock = clock;
    this.#sampled = shares.map(() => 0);
    this.watchers = shares.flatMap(({ policy }) => policy.watchers);
    this.isStateful = shares.some(({ policy }) => policy.isStateful);
  }

  decide(trace: TraceFacts): Decision {
    const second = Math.floor(this.#clock.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#sampled.fill(0);
    }
    for (let i = 0; i < this.#shares.length; i++) {
      const decision = this.#shares[i].policy.decide(trace);
      if (decision === 'error') return 'error';
      if (!isYes(decision)) continue;
      const sampled = this.#sampled[i] + trace.spanCount;
      if (sampled > this.#shares[i].spansPerSecond || sampled > this.#maxTotal) return 'not_sampled';
      this.#sampled[i] = sampled;
      return 'sampled';
    }
    return 'not_sampled';
  }
}
