import type { SpanView } from '@millrace/otlp';
import type { Decision } from '../decision.ts';
import type { Policy, Watcher } from './policy.ts';

/** Samples traces with a span that passes a test. */
export class SpanPolicy implements Policy, Watcher {
  readonly watchers = [this];
  readonly isStateful = false;
  readonly #test: (span: SpanView) => boolean;
  #found = false;

  constructor(test: (span: SpanView) => boolean) {
    this.#test = test;
  }

  begin(): void {
    this.#found = false;
  }

  seesResource(): boolean {
    return false;
  }

  seesSpan(span: SpanView): boolean {
    return (this.#found = this.#test(span));
  }

  decide(): Decision {
    return this.#found ? 'sampled' : 'not_sampled';
  }
}
