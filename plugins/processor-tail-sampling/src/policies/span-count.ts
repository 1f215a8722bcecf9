import type { Decision } from '../decision.ts';
import { NO_WATCHERS, type Policy, type TraceFacts } from './policy.ts';

/** Samples traces by their number of spans. */
export class SpanCount implements Policy {
  readonly watchers = NO_WATCHERS;
  readonly isStateful: boolean;
  readonly #min: number;
  readonly #max: number;

  constructor({ min_spans, max_spans }: { readonly min_spans: number; readonly max_spans: number }) {
    this.#min = min_spans;
    this.#max = max_spans === 0 ? Infinity : max_spans;
    this.isStateful = max_spans > 0;
  }

  decide({ spanCount }: TraceFacts): Decision {
    return spanCount >= this.#min && spanCount <= this.#max ? 'sampled' : 'not_sampled';
  }
}
