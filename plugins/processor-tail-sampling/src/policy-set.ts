import { TracesBatch } from '@millrace/otlp';
import { type Decision, type FinalDecision } from './decision.ts';
import type { Policy, TraceFacts, Watcher } from './policies/policy.ts';

export interface NamedPolicy {
  readonly name: string;
  readonly isDrop: boolean;
  readonly policy: Policy;
}

/** What was said of traces, until it is counted. */
export interface Tally {
  readonly traces: number;
  readonly spans: number;
}

/** Decides by policies: those that drop are asked first. */
export class PolicySet {
  /** In the order in which they are asked. */
  readonly policies: readonly NamedPolicy[];
  /** By policy, in order. */
  readonly said: readonly Map<Exclude<Decision, 'error'>, Tally>[];
  errors = 0;
  readonly #watchers: readonly Watcher[];
  readonly #endsAtFirst: boolean;
  /** The watchers that still want to see something of the current trace come first. */
  readonly #open: Watcher[];

  constructor(policies: readonly NamedPolicy[], options: { readonly sampleOnFirstMatch: boolean }) {
    this.policies = [...policies.filter(({ isDrop }) => isDrop), ...policies.filter(({ isDrop }) => !isDrop)];
    this.said = this.policies.map(() => new Map());
    this.#watchers = this.policies.flatMap(({ policy }) => policy.watchers);
    this.#open = [...this.#watchers];
    this.#endsAtFirst = options.sampleOnFirstMatch;
  }

  /** Decides on all that is there of a trace. `chunks` are whole export requests with its spans and no others. */
  decide(trace: TraceFacts, chunks: Iterable<Uint8Array>): FinalDecision {
    this.#watch(chunks);
    const heard = new Set<Decision>();
    for (let i = 0; i < this.policies.length; i++) {
      const decision = this.#ask(i, trace);
      heard.add(decision);
      if (decision === 'dropped' || (decision === 'sampled' && this.#endsAtFirst)) break;
    }
    if (heard.has('dropped')) return 'dropped';
    if (heard.has('inverted_not_sampled')) return 'not_sampled';
    if (heard.has('sampled')) return 'sampled';
    return heard.has('inverted_sampled') && !heard.has('not_sampled') ? 'sampled' : 'not_sampled';
  }

  /**
   * Decides on the spans that have just come, where that is final whatever comes next; undefined otherwise: a policy that
   * drops and has not may still do so.
   */
  decideEarly(trace: TraceFacts, chunks: Iterable<Uint8Array>): 'sampled' | 'dropped' | undefined {
    this.#watch(chunks);
    let mayDrop = false;
    for (let i = 0; i < this.policies.length; i++) {
      const { isDrop } = this.policies[i];
      if (!isDrop && mayDrop) return undefined;
      const decision = this.#ask(i, trace);
      if (decision === 'dropped') return 'dropped';
      if (isDrop) mayDrop ||= decision !== 'error';
      else if (decision === 'sampled') return 'sampled';
    }
    return undefined;
  }

  #ask(index: number, trace: TraceFacts): Decision {
    const decision = this.policies[index].policy.decide(trace);
    if (decision === 'error') {
      this.errors++;
      return decision;
    }
    const said = this.said[index];
    const before = said.get(decision);
    said.set(decision, { traces: (before?.traces ?? 0) + 1, spans: (before?.spans ?? 0) + trace.spanCount });
    return decision;
  }

  /** Shows every watcher what it wants to see, in one walk. "tail sampling" in benchmarks/micro/tail-sampling.ts. */
  #watch(chunks: Iterable<Uint8Array>): void {
    let open = this.#watchers.length;
    for (let i = 0; i < open; i++) {
      this.#watchers[i].begin();
      this.#open[i] = this.#watchers[i];
    }
    if (open === 0) return;
    for (const resource of TracesBatch.of(chunks).resources) {
      for (let i = 0; i < open;) {
        if (this.#open[i].seesResource(resource)) this.#open[i] = this.#open[--open];
        else i++;
      }
      if (open === 0) return;
      for (const scope of resource.scopes) {
        for (const span of scope.spans) {
          for (let i = 0; i < open;) {
            if (this.#open[i].seesSpan(span)) this.#open[i] = this.#open[--open];
            else i++;
          }
          if (open === 0) return;
        }
      }
    }
  }
}
