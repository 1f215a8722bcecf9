import { type Decision, isNo } from '../decision.ts';
import type { Policy, TraceFacts, Watcher } from './policy.ts';

/** Says `decision` to traces that all policies inside sample; one that does not ends the questioning. */
export class And implements Policy {
  readonly watchers: readonly Watcher[];
  readonly isStateful: boolean;
  readonly #policies: readonly Policy[];
  readonly #decision: 'sampled' | 'dropped';

  constructor(policies: readonly Policy[], decision: 'sampled' | 'dropped') {
    this.#policies = policies;
    this.#decision = decision;
    this.watchers = policies.flatMap(({ watchers }) => watchers);
    this.isStateful = policies.some(({ isStateful }) => isStateful);
  }

  decide(trace: TraceFacts): Decision {
    for (let i = 0; i < this.#policies.length; i++) {
      const decision = this.#policies[i].decide(trace);
      if (decision === 'error') return 'error';
      if (isNo(decision)) return 'not_sampled';
    }
    return this.#decision;
  }
}
