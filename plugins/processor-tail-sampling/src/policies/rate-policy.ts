import type { Decision } from '../decision.ts';
import { NO_WATCHERS, type Policy, type TraceFacts } from './policy.ts';
import type { TokenBucket } from './token-bucket.ts';

/** Samples traces as long as their spans, or bytes, keep to a rate. */
export class RatePolicy implements Policy {
  readonly watchers = NO_WATCHERS;
  readonly isStateful = true;
  readonly #bucket: TokenBucket;
  readonly #sizeOf: (trace: TraceFacts) => number;

  constructor(bucket: TokenBucket, sizeOf: (trace: TraceFacts) => number) {
    this.#bucket = bucket;
    this.#sizeOf = sizeOf;
  }

  decide(trace: TraceFacts): Decision {
    return this.#bucket.take(this.#sizeOf(trace)) ? 'sampled' : 'not_sampled';
  }
}
