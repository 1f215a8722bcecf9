import type { Counter, Histogram, InstrumentOptions, StatefulHost } from '@millrace/api';
import type { Decision, FinalDecision } from './decision.ts';
import type { PolicySet } from './policy-set.ts';

/** Why spans were dropped. */
export type DropReason =
  | FinalDecision
  /** Came late for a trace that was not sampled. */
  | 'late'
  | 'too_large'
  /** Made room for another trace before the decision. */
  | 'too_early'
  | 'shutdown'
  /** Sampled, and refused for good by what comes after. */
  | 'refused';

const LABELS = {
  sampled: { sampled: 'true', decision: 'sampled' },
  inverted_sampled: { sampled: 'true', decision: 'sampled' },
  not_sampled: { sampled: 'false', decision: 'not_sampled' },
  inverted_not_sampled: { sampled: 'false', decision: 'not_sampled' },
  dropped: { sampled: 'false', decision: 'dropped' },
} as const satisfies Record<Exclude<Decision, 'error'>, object>;

const SECONDS = [0, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];

/** The Collector's metrics of its tail sampler, and what becomes of spans that are not passed on. */
export class SamplerMetrics {
  readonly #id: string;
  readonly #component: string;
  readonly #tracesByPolicy: Counter;
  readonly #spansByPolicy: Counter;
  readonly #executions: Counter;
  readonly #decided: Counter;
  readonly #errors: Counter;
  readonly #tooEarly: Counter;
  readonly #tooLarge: Counter;
  readonly #newTraces: Counter;
  readonly #cacheReleases: Counter;
  readonly #early: Counter;
  readonly #droppedSpans: Counter;
  readonly #lateAge: Histogram;
  readonly #removalAge: Histogram;
  readonly #turnMs: Histogram;
  readonly #stopGauge: () => void;

  constructor({ telemetry, id }: Pick<StatefulHost, 'telemetry' | 'id'>, tracesInMemory: () => number) {
    this.#id = id;
    this.#component = id.includes('/') ? `${id.slice(id.indexOf('/') + 1)}.` : '';
    const counter = (name: string, unit: string, description: string) =>
      telemetry.counter(`processor_tail_sampling_${name}`, { description, unit });
    const histogram = (name: string, options: InstrumentOptions & { readonly boundaries: readonly number[] }) =>
      telemetry.histogram(`processor_tail_sampling_${name}`, options);
    this.#tracesByPolicy = counter('count_traces_sampled', '{traces}', 'Traces by what each policy said of them');
    this.#spansByPolicy = counter('count_spans_sampled', '{spans}', 'Spans by what each policy said of their traces');
    this.#executions = counter('sampling_policy_execution_count', '{executions}', 'How often each policy was asked');
    this.#decided = counter('global_count_traces_sampled', '{traces}', 'Traces by the final decision');
    this.#errors = counter('sampling_policy_evaluation_error', '{errors}', 'Policies that failed on a trace');
    this.#tooEarly = counter('sampling_trace_dropped_too_early', '{traces}', 'Traces that made room undecided');
    this.#tooLarge = counter('traces_dropped_too_large', '{traces}', 'Traces that grew too large');
    this.#newTraces = counter('new_trace_id_received', '{traces}', 'New traces');
    this.#cacheReleases = counter(
      'early_releases_from_cache_decision',
      '{spans}',
      'Late spans whose decision the cache knew',
    );
    this.#early = counter('early_decisions', '{traces}', 'Traces decided early as too many bytes were held');
    this.#droppedSpans = counter('dropped_spans', '{spans}', 'Spans that were not passed on, by reason');
    this.#lateAge = histogram('sampling_late_span_age', {
      description: 'Time from the decision to a late span',
      unit: 's',
      boundaries: SECONDS,
    });
    this.#removalAge = histogram('sampling_trace_removal_age', {
      description: 'Time from the first span of a trace until it is forgotten',
      unit: 's',
      boundaries: SECONDS,
    });
    this.#turnMs = histogram('sampling_decision_timer_latency', {
      description: 'Time that a round of decisions took',
      unit: 'ms',
      boundaries: [1, 2, 5, 10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 2000, 3000, 4000, 5000, 10_000],
    });
    this.#stopGauge = telemetry.gauge(
      'processor_tail_sampling_sampling_traces_on_memory',
      { description: 'Traces in memory', unit: '{traces}', labels: { processor: id } },
      tracesInMemory,
    );
  }

  newTraces(count: number): void {
    if (count > 0) this.#newTraces.add(count, { processor: this.#id });
  }

  fromCache(spans: number, isSampled: boolean): void {
    if (spans > 0) this.#cacheReleases.add(spans, { processor: this.#id, sampled: String(isSampled) });
  }

  dropped(spans: number, reason: DropReason): void {
    if (spans > 0) this.#droppedSpans.add(spans, { processor: this.#id, reason });
  }

  tooEarly(): void {
    this.#tooEarly.add(1, { processor: this.#id });
  }

  tooLarge(): void {
    this.#tooLarge.add(1, { processor: this.#id });
  }

  early(traces: number): void {
    if (traces > 0) this.#early.add(traces, { processor: this.#id });
  }

  late(ageMs: number): void {
    this.#lateAge.record(Math.floor(ageMs / 1000), { processor: this.#id });
  }

  removed(ageMs: number): void {
    this.#removalAge.record(Math.floor(ageMs / 1000), { processor: this.#id });
  }

  /** What was decided in one go; empties what the policies said. */
  round(policies: PolicySet, decided: ReadonlyMap<FinalDecision, number>, tookMs: number): void {
    const processor = this.#id;
    this.#turnMs.record(tookMs, { processor });
    for (const [decision, traces] of decided) this.#decided.add(traces, { processor, ...LABELS[decision] });
    if (policies.errors > 0) this.#errors.add(policies.errors, { processor });
    policies.errors = 0;
    policies.said.forEach((said, index) => {
      const policy = `${this.#component}${policies.policies[index].name}`;
      for (const [decision, { traces, spans }] of said) {
        const labels = { processor, policy, ...LABELS[decision] };
        this.#tracesByPolicy.add(traces, labels);
        this.#spansByPolicy.add(spans, labels);
        this.#executions.add(traces, { processor, policy });
      }
      said.clear();
    });
  }

  stop(): void {
    this.#stopGauge();
  }
}
