import {
  type Batch,
  type ClientContext,
  DeliveryError,
  type Histogram,
  messageOf,
  permanent,
  type StatefulHost,
  type StatefulProcessor,
} from '@millrace/api';
import { LogsBatch } from '@millrace/otlp';
import { type ClientInfo, type Condition, FailureLog } from '@millrace/ottl';
import { Aggregation } from './aggregation.ts';
import { asksForSender, compileEligibility } from './compile-eligibility.ts';
import type { DedupSettings } from './dedup-settings.ts';
import { Emitter } from './emitter.ts';
import { FieldPath } from './field-path.ts';
import { ZonedTime } from './zoned-time.ts';

/** Told once what became of the records that a sender had a part in. */
export type Settle = (error: DeliveryError | undefined) => void;

/**
 * Gathers equal records for a while, then passes one of each kind on.
 *
 * Where the rest of the pipeline acknowledges only what is safe, senders wait for the end of the interval, which is cut
 * short for them; where it acknowledges into memory, they are answered at once, and what was gathered is passed on again
 * until it is taken. Records that no condition chooses are passed on before anything of their batch is gathered: a sender
 * that is refused sends everything again, and nothing of it was counted.
 */
export class Deduplicator implements StatefulProcessor {
  readonly #settings: DedupSettings;
  readonly #host: StatefulHost;
  readonly #context: ClientContext | undefined;
  readonly #intervalMs: number;
  readonly #eligible: Condition | undefined;
  readonly #asksForSender: boolean;
  readonly #failures: FailureLog;
  readonly #include: readonly FieldPath[];
  readonly #exclude: readonly FieldPath[];
  readonly #time: ZonedTime;
  readonly #aggregated: Histogram;
  readonly #emitter: Emitter;
  #aggregation = new Aggregation();
  #waiters: Settle[] = [];
  #cancelTimer: (() => void) | undefined;
  #isClosing = false;
  /** Batches whose other records are on their way. */
  readonly #consuming = new Set<Promise<void>>();

  /** `context`: what the records that are passed on keep of their senders. */
  constructor(settings: DedupSettings, host: StatefulHost, context?: ClientContext) {
    this.#settings = settings;
    this.#host = host;
    this.#context = context;
    const { interval, max_acknowledge_delay: delayMs, conditions } = settings;
    this.#intervalMs = host.guarantee === 'safe' ? Math.min(interval, delayMs) : interval;
    const now = () => BigInt(Math.floor(host.clock.now())) * 1_000_000n;
    this.#failures = new FailureLog({ now, warn: (message, fields) => host.logger.warn(message, fields) });
    this.#eligible = compileEligibility(conditions, {
      ...this.#failures.handling('ignore', (error) => error),
      now,
      log: (message, fields) => host.logger.info(message, fields),
    });
    this.#asksForSender = asksForSender(conditions);
    this.#include = settings.include_fields.map((field) => new FieldPath(field));
    this.#exclude = settings.exclude_fields.map((field) => new FieldPath(field));
    this.#time = new ZonedTime(settings.timezone);
    this.#aggregated = host.telemetry.histogram('dedup_processor_aggregated_logs', {
      description: 'Number of log records that were aggregated together.',
      unit: '{records}',
    });
    this.#emitter = new Emitter(host);
  }

  get heldItems(): number {
    return this.#host.guarantee === 'memory' ? this.#aggregation.records + this.#emitter.items : 0;
  }

  consume(batch: Batch): Promise<void> {
    const answer = this.#consume(batch);
    const noted = answer.catch(() => undefined).finally(() => this.#consuming.delete(noted));
    this.#consuming.add(noted);
    return answer;
  }

  async shutdown(): Promise<void> {
    this.#isClosing = true;
    this.#emitter.close();
    // Others may still be on their way; what they bring is passed on at once.
    this.#flush();
    await this.settled();
  }

  async settled(): Promise<void> {
    while (this.#consuming.size > 0 && this.#host.guarantee === 'memory') await Promise.all(this.#consuming);
    await this.#emitter.settled();
  }

  async #consume(batch: Batch): Promise<void> {
    let gathered: Promise<void> | undefined;
    try {
      const chosen = this.#eligible === undefined ? undefined : this.#choose(batch, this.#eligible);
      if (chosen !== undefined && chosen.others > 0) await this.#passOthers(batch, chosen);
      if (chosen?.count === 0) return;
      gathered = this.#gather(batch, chosen);
    } finally {
      batch.release();
    }
    await gathered;
  }

  /** Which records are to be gathered. */
  #choose(batch: Batch, eligible: Condition): Chosen {
    if (this.#asksForSender) eligible.client = clientOf(batch.context);
    const is = new Uint8Array(batch.items);
    let index = 0;
    let count = 0;
    for (const record of LogsBatch.of(batch.chunks).records) {
      const holds = eligible.test(record);
      if (holds) count++;
      is[index++] = holds ? 1 : 0;
    }
    this.#failures.report();
    return { is, count, others: index - count };
  }

  async #passOthers(batch: Batch, { is, count }: Chosen): Promise<void> {
    if (count === 0) return this.#next(batch.share());
    const others = LogsBatch.of(batch.chunks);
    let index = 0;
    for (const record of others.records) if (is[index++] === 1) record.drop();
    return this.#next(this.#host.makeBatch(others.chunks, batch));
  }

  async #next(batch: Batch): Promise<void> {
    try {
      await this.#host.next([batch]);
    } catch (error) {
      throw error instanceof DeliveryError ? error : permanent(messageOf(error), { cause: error });
    }
  }

  /** Resolves as the guarantee of the pipeline says. */
  #gather(batch: Batch, chosen: Chosen | undefined): Promise<void> {
    const aggregation = this.#aggregation;
    const nowMs = this.#host.clock.now();
    let index = 0;
    for (const resource of LogsBatch.of(batch.chunks).resources) {
      for (const scope of resource.scopes) {
        let place: ReturnType<Aggregation['scopeFor']> | undefined;
        for (const record of scope.records) {
          if (chosen !== undefined && chosen.is[index++] === 0) continue;
          place ??= aggregation.scopeFor(scope);
          for (const field of this.#exclude) field.removeFrom(record);
          aggregation.add(record, place, this.#include, nowMs);
        }
      }
    }
    const answer = this.#host.guarantee === 'memory' ? Promise.resolve() : this.#wait();
    if (this.#isClosing || aggregation.bytes >= this.#settings.max_held_bytes) this.#flush();
    else this.#cancelTimer ??= this.#host.clock.after(this.#intervalMs, () => this.#flush());
    return answer;
  }

  #wait(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiters.push((error) => (error === undefined ? resolve() : reject(error)));
    return promise;
  }

  #flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const aggregation = this.#aggregation;
    if (aggregation.records === 0) return;
    const waiters = this.#waiters;
    this.#aggregation = new Aggregation();
    this.#waiters = [];
    const { chunks } = aggregation.build({
      countAttribute: this.#settings.log_count_attribute,
      time: this.#time,
      nowMs: this.#host.clock.now(),
      onCount: (count) => this.#aggregated.record(count, { processor: this.#host.id }),
    });
    this.#emitter.emit({ chunks, items: aggregation.records, context: this.#context }, waiters);
  }
}

interface Chosen {
  /** By position, 1 for the records that are gathered. */
  readonly is: Uint8Array;
  readonly count: number;
  readonly others: number;
}

function clientOf(sender: ClientContext | undefined): ClientInfo | null {
  if (sender === undefined) return null;
  const { address, metadata } = sender;
  return {
    ...(address === undefined ? {} : { addr: address }),
    ...(metadata === undefined ? {} : { metadata: new Map(Object.entries(metadata)) }),
  };
}
