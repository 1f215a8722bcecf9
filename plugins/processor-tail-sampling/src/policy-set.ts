import type { Decision, FinalDecision } from './decision.ts';
import type { Policy, TraceFacts, Watcher } from './policies/policy.ts';
import { SpanWalk } from './span-walk.ts';

export interface NamedPolicy {
  readonly name: string;
  readonly isDrop: boolean;
  readonly policy: Policy;
}

/** A trace with the export requests that hold its spans, and no others. */
export interface WatchedTrace extends TraceFacts {
  readonly chunks: readonly Uint8Array[];
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
  readonly #onFailure: (error: unknown) => void;

  constructor(
    policies: readonly NamedPolicy[],
    options: { readonly sampleOnFirstMatch: boolean; readonly onFailure: (error: unknown) => void },
  ) {
    this.policies = [...policies.filter(({ isDrop }) => isDrop), ...policies.filter(({ isDrop }) => !isDrop)];
    this.said = this.policies.map(() => new Map());
    this.#watchers = this.policies.flatMap(({ policy }) => policy.watchers);
    this.#endsAtFirst = options.sampleOnFirstMatch;
    this.#onFailure = options.onFailure;
  }

  /** Decides on traces by all that is there of them, in order. The bytes must stay until it has decided on all. */
  decideAll(traces: readonly WatchedTrace[]): FinalDecision[] {
    let walk = this.#walk(traces);
    return traces.map((trace, index) => {
      try {
        walk?.show();
        return this.#judge(trace);
      } catch (error) {
        // Our own fault, which must not end the process; what follows is seen from the start again.
        this.#onFailure(error);
        this.errors++;
        walk = this.#walk(traces.slice(index + 1));
        return 'not_sampled';
      }
    });
  }

  #judge(trace: TraceFacts): FinalDecision {
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
  decideEarly(trace: WatchedTrace): 'sampled' | 'dropped' | undefined {
    this.#walk([trace])?.show();
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

  /** Undefined where no policy looks at spans. */
  #walk(traces: readonly WatchedTrace[]): SpanWalk | undefined {
    if (this.#watchers.length === 0) return undefined;
    return new SpanWalk(
      traces.map(({ chunks }) => chunks),
      this.#watchers,
    );
  }
}
