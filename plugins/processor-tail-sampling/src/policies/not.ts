import type { Decision } from '../decision.ts';
import type { Policy, TraceFacts, Watcher } from './policy.ts';

/** Samples what another policy does not sample. Inverted decisions stay as they are. */
export class Not implements Policy {
  readonly watchers: readonly Watcher[];
  readonly isStateful: boolean;
  readonly #policy: Policy;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.watchers = policy.watchers;
    this.isStateful = policy.isStateful;
  }

  decide(trace: TraceFacts): Decision {
    const decision = this.#policy.decide(trace);
    if (decision === 'sampled') return 'not_sampled';
    return decision === 'not_sampled' ? 'sampled' : decision;
  }
}
