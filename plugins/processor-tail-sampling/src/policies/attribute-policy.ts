import type { AttributesView, SpansResourceView, SpanView } from '@millrace/otlp';
import type { Decision } from '../decision.ts';
import type { Policy, Watcher } from './policy.ts';

/** What is looked for in the attributes of spans and resources. */
export interface AttributeTest {
  matches(attributes: AttributesView): boolean;
}

export interface Inversion {
  readonly invertMatch: boolean;
  /** Gives inverted decisions for it instead of plain ones. */
  readonly invertDecisions: boolean;
}

/** Samples traces in which an attribute of a span or resource passes a test; with `invertMatch`, those in which none does. */
export class AttributePolicy implements Policy, Watcher {
  readonly watchers = [this];
  readonly isStateful = false;
  readonly #test: AttributeTest;
  readonly #onMatch: Decision;
  readonly #otherwise: Decision;
  #found = false;

  constructor(test: AttributeTest, { invertMatch, invertDecisions }: Inversion) {
    this.#test = test;
    this.#onMatch = !invertMatch ? 'sampled' : invertDecisions ? 'inverted_not_sampled' : 'not_sampled';
    this.#otherwise = !invertMatch ? 'not_sampled' : invertDecisions ? 'inverted_sampled' : 'sampled';
  }

  begin(): void {
    this.#found = false;
  }

  seesResource(resource: SpansResourceView): boolean {
    return (this.#found = this.#test.matches(resource.attributes));
  }

  seesSpan(span: SpanView): boolean {
    return (this.#found = this.#test.matches(span.attributes));
  }

  decide(): Decision {
    return this.#found ? this.#onMatch : this.#otherwise;
  }
}
