import { type Batch, messageOf, retryable, type StatefulHost, type StatefulProcessor } from '@millrace/api';
import { FailureLog } from '@millrace/ottl';
import type { FinalDecision } from './decision.ts';
import { DecisionCache } from './decision-cache.ts';
import { cutByTrace, type Fragment, release } from './fragment.ts';
import { HeldTrace } from './held-trace.ts';
import { makePolicy } from './make-policy.ts';
import { PassingOn } from './passing-on.ts';
import { PolicySet } from './policy-set.ts';
import { Receipt } from './receipt.ts';
import { type DropReason, SamplerMetrics } from './sampler-metrics.ts';
import type { SamplerSettings } from './sampler-settings.ts';
import { Schedule } from './schedule.ts';
import { TraceTable } from './trace-table.ts';

/** Part of the memory for data in flight that undecided spans may take, unless told otherwise. */
const HELD_SHARE = 0.5;
/** So many decisions at a time; intake has its turn between. */
const DECISIONS_PER_TURN = 1_000;
const RETRY_AFTER_MS = 1_000;

/**
 * Holds the spans of each trace until it can be decided whether the trace is sampled, and passes on those that are.
 *
 * Spans stay in the batches that the host accounts for. They are in memory only, so senders are answered at once, unless
 * `acknowledge: decided` asks for more: most of them would not wait for as long as `decision_wait`, send again, and fill
 * the memory with copies.
 */
export class TailSampler implements StatefulProcessor {
  /** What an answer to a sender means. */
  readonly guarantee: 'memory' | 'safe';
  readonly #settings: SamplerSettings;
  readonly #host: StatefulHost;
  readonly #policies: PolicySet;
  readonly #failures: FailureLog;
  readonly #cache: DecisionCache;
  readonly #traces = new TraceTable();
  readonly #schedule: Schedule;
  readonly #passing: PassingOn;
  readonly #metrics: SamplerMetrics;
  readonly #heldBytesMax: number;
  #heldBytes = 0;
  /** Held, undecided. */
  #heldSpans = 0;
  #isClosing = false;
  /** Of the present round. */
  readonly #decided = new Map<FinalDecision, number>();

  constructor(settings: SamplerSettings, host: StatefulHost) {
    this.#settings = settings;
    this.#host = host;
    const { clock, logger } = host;
    this.guarantee = settings.acknowledge === 'decided' ? host.guarantee : 'memory';
    const now = () => BigInt(Math.round(clock.now() * 1e3)) * 1_000n;
    this.#failures = new FailureLog({ now, warn: (message, fields) => logger.warn(message, fields) });
    const { onError } = this.#failures.handling('ignore', (error) => error) as {
      onError: (e: Error, s: string) => void;
    };
    const environment = {
      clock,
      now,
      onError,
      log: (message: string, fields?: Readonly<Record<string, unknown>>) => logger.info(message, fields),
      invertDecisions: settings.invert_decisions,
    };
    this.#policies = new PolicySet(
      settings.policies.map((policy) => ({
        name: policy.name,
        isDrop: policy.type === 'drop',
        policy: makePolicy(policy, environment),
      })),
      {
        sampleOnFirstMatch: settings.sample_on_first_match,
        onFailure: (error) => logger.error('cannot decide on a trace', { reason: messageOf(error) }),
      },
    );
    this.#cache = new DecisionCache(settings.decision_cache);
    this.#schedule = new Schedule(clock, () => this.#decideDue());
    this.#metrics = new SamplerMetrics(host, () => this.#traces.size);
    const onDropped = (spans: number, reason: DropReason) => this.#metrics.dropped(spans, reason);
    this.#passing = new PassingOn(host, { waits: this.guarantee === 'safe', onDropped });
    const { maximum_held_bytes: heldBytes } = settings;
    this.#heldBytesMax = heldBytes > 0 ? heldBytes : host.memory().inFlightMax * HELD_SHARE;
  }

  start(): void {
    const { decision_wait: waitMs } = this.#settings;
    if (this.#host.guarantee === 'memory' || this.guarantee === 'safe') return;
    this.#host.logger.warn('spans are acknowledged while they are in memory only, until their traces are decided', {
      decision_wait_ms: waitMs,
      remedy: 'set acknowledge: decided, if senders can wait that long',
    });
  }

  get heldItems(): number {
    return this.guarantee === 'safe' ? 0 : this.#heldSpans + this.#passing.spans;
  }

  // Not async: a batch is taken in the order of the calls.
  consume(batch: Batch): Promise<void> {
    let fragments: readonly Fragment[];
    try {
      const roots = this.#settings.decision_wait_after_root_received > 0;
      fragments = cutByTrace(batch, this.#host, { roots });
      this.#checkRoom(fragments);
    } catch (error) {
      return Promise.reject(error);
    }
    const receipt = this.guarantee === 'safe' ? new Receipt() : undefined;
    this.#takeAll(fragments, receipt);
    receipt?.settle();
    return receipt?.answer ?? Promise.resolve();
  }

  /** Decides what is held, or drops it, and passes it on. Spans that still come are decided at once. */
  async shutdown(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#schedule.stop();
      this.#metrics.stop();
      const decides = !this.#settings.drop_pending_traces_on_shutdown;
      this.#round(() => {
        for (let traces = this.#takeDue(Infinity); traces.length > 0; traces = this.#takeDue(Infinity)) {
          if (decides) this.#decide(traces);
          else for (const trace of traces) this.#conclude(trace, 'not_sampled', 'shutdown');
        }
      });
    }
    this.#passing.close();
    await this.settled();
  }

  async settled(): Promise<void> {
    await this.#passing.settled();
  }

  /** With `block_on_overflow`, refuses a batch whose new traces find no room. Releases it then. */
  #checkRoom(fragments: readonly Fragment[]): void {
    const { block_on_overflow: refuses, num_traces: max } = this.#settings;
    if (!refuses || this.#traces.size === 0) return;
    const isNew = ({ key }: Fragment) => this.#traces.get(key) === undefined && this.#cache.get(key) === undefined;
    if (this.#traces.size + fragments.filter(isNew).length <= max) return;
    release(fragments);
    throw retryable(`processor "${this.#host.id}" already holds ${this.#traces.size} of ${max} traces`, {
      code: 'TRACES_OVERFLOW',
      retryAfterMs: RETRY_AFTER_MS,
    });
  }

  #takeAll(fragments: readonly Fragment[], receipt: Receipt | undefined): void {
    const now = this.#host.clock.monotonic();
    const counts = { new: 0, cachedSampled: 0, cachedNotSampled: 0 };
    this.#round(() => {
      for (const fragment of fragments) {
        const known = this.#cache.get(fragment.key);
        if (known !== undefined) {
          counts[known ? 'cachedSampled' : 'cachedNotSampled'] += fragment.spans;
          this.#takeLate(fragment, known, receipt);
          continue;
        }
        const before = this.#traces.get(fragment.key);
        if (before === undefined) counts.new++;
        this.#takeInto(before ?? this.#open(fragment.key, now), fragment, { receipt, now });
      }
      this.#decideEarly();
    });
    this.#metrics.newTraces(counts.new);
    this.#metrics.fromCache(counts.cachedSampled, true);
    this.#metrics.fromCache(counts.cachedNotSampled, false);
  }

  #open(key: string, now: number): HeldTrace {
    const { num_traces: max, decision_wait: waitMs, block_on_overflow: neverEvicts } = this.#settings;
    const limit = neverEvicts ? Infinity : max;
    while (this.#traces.size >= limit) this.#evict(this.#traces.oldest as HeldTrace);
    const trace = new HeldTrace(key, now);
    this.#traces.add(trace);
    if (!this.#isClosing) this.#schedule.set(trace, now + waitMs);
    return trace;
  }

  #evict(trace: HeldTrace): void {
    if (trace.decision === undefined) {
      this.#schedule.delete(trace);
      this.#metrics.tooEarly();
      this.#drop(trace, 'too_early');
    }
    this.#forget(trace);
  }

  #forget(trace: HeldTrace): void {
    this.#traces.delete(trace);
    this.#metrics.removed(this.#host.clock.monotonic() - trace.arrivedAtMs);
  }

  #takeInto(
    trace: HeldTrace,
    fragment: Fragment,
    { receipt, now }: { readonly receipt: Receipt | undefined; readonly now: number },
  ): void {
    const { spans, bytes, batches, hasRoot } = fragment;
    trace.spanCount += spans;
    if (trace.decision !== undefined) {
      this.#metrics.late(now - trace.decidedAtMs);
      this.#takeLate(fragment, trace.decision === 'sampled', receipt);
      return;
    }
    trace.batches.push(...batches);
    trace.bytes += bytes;
    trace.heldSpans += spans;
    this.#heldBytes += bytes;
    this.#heldSpans += spans;
    if (receipt !== undefined) trace.receipts.push(receipt.expect());
    const { maximum_trace_size_bytes: maxBytes, decision_wait_after_root_received: rootWaitMs } = this.#settings;
    if (maxBytes > 0 && trace.bytes > maxBytes) this.#refuseLarge(trace);
    else if (this.#settings.sampling_strategy === 'span-ingest') this.#decideByFragment(trace, fragment);
    if (trace.decision !== undefined) return;
    if (this.#isClosing) this.#decide([trace]);
    else if (hasRoot && rootWaitMs > 0) this.#schedule.set(trace, now + rootWaitMs);
  }

  #takeLate({ batches, spans }: Fragment, isSampled: boolean, receipt: Receipt | undefined): void {
    if (isSampled) {
      this.#passing.add(batches, spans, receipt === undefined ? [] : [receipt.expect()]);
      return;
    }
    for (const batch of batches) batch.release();
    this.#metrics.dropped(spans, 'late');
  }

  #refuseLarge(trace: HeldTrace): void {
    this.#metrics.tooLarge();
    this.#conclude(trace, 'not_sampled', 'too_large');
  }

  #decideByFragment(trace: HeldTrace, { batches }: Fragment): void {
    const chunks = batches.flatMap((batch) => batch.chunks);
    const { id, spanCount, bytes } = trace;
    const decision = this.#policies.decideEarly({ id, spanCount, bytes, chunks });
    if (decision === undefined) return;
    this.#decided.set(decision, (this.#decided.get(decision) ?? 0) + 1);
    this.#conclude(trace, decision, decision);
  }

  /** Too many bytes: the traces that are due next are decided by what is there. */
  #decideEarly(): void {
    let early = 0;
    while (this.#heldBytes > this.#heldBytesMax) {
      const trace = this.#schedule.take(Infinity);
      if (trace === undefined) break;
      this.#decide([trace]);
      early++;
    }
    this.#metrics.early(early);
  }

  #decideDue(): void {
    this.#round(() => this.#decide(this.#takeDue()));
    this.#schedule.rearm();
  }

  /** A round of decisions: what they were is counted at the end, and what is sampled leaves together. */
  #round(decide: () => void): void {
    const startedAtMs = this.#host.clock.monotonic();
    decide();
    this.#passing.flush();
    if (this.#decided.size === 0 && this.#policies.errors === 0) return;
    this.#metrics.round(this.#policies, this.#decided, this.#host.clock.monotonic() - startedAtMs);
    this.#decided.clear();
    this.#failures.report();
  }

  /** Traces that are due, as many as may be decided in one go. */
  #takeDue(untilMs?: number): HeldTrace[] {
    const traces: HeldTrace[] = [];
    for (let trace = this.#schedule.take(untilMs); trace !== undefined; trace = this.#schedule.take(untilMs)) {
      traces.push(trace);
      if (traces.length === DECISIONS_PER_TURN) break;
    }
    return traces;
  }

  #decide(traces: readonly HeldTrace[]): void {
    // By fragments nothing was decided, so they are not sampled.
    const decisions = this.#settings.sampling_strategy === 'span-ingest' ? undefined : this.#policies.decideAll(traces);
    traces.forEach((trace, index) => {
      const decision = decisions?.[index] ?? 'not_sampled';
      this.#decided.set(decision, (this.#decided.get(decision) ?? 0) + 1);
      this.#conclude(trace, decision, decision);
    });
  }

  #conclude(trace: HeldTrace, decision: FinalDecision, reason: DropReason): void {
    this.#schedule.delete(trace);
    const isSampled = decision === 'sampled';
    trace.decision = decision;
    trace.decidedAtMs = this.#host.clock.monotonic();
    if (isSampled) {
      const { heldSpans } = trace;
      this.#unhold(trace);
      this.#passing.add(trace.takeBatches(), heldSpans, trace.takeReceipts());
    } else {
      this.#drop(trace, reason);
    }
    if (this.#cache.set(trace.key, isSampled) || this.#settings.block_on_overflow) this.#forget(trace);
  }

  #drop(trace: HeldTrace, reason: DropReason): void {
    this.#metrics.dropped(trace.heldSpans, reason);
    this.#unhold(trace);
    for (const batch of trace.takeBatches()) batch.release();
    for (const receipt of trace.takeReceipts()) receipt.settle();
  }

  #unhold(trace: HeldTrace): void {
    this.#heldBytes -= trace.bytes;
    this.#heldSpans -= trace.heldSpans;
  }
}
