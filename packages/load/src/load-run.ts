import type { Clock } from '@millrace/api';
import { LatencyHistogram } from './latency-histogram.ts';
import type { LoadClient, LoadOutcome } from './load-client.ts';
import type { LoadRequest } from './load-requests.ts';
import { NumberSet } from './number-set.ts';
import type { Schedule } from './schedule.ts';

/** A request that was refused for now is sent again after this at the earliest. */
const RETRY_MS_MIN = 10;

/** What became of items so far. */
export interface LoadCounts {
  readonly requests: number;
  /** Items of those requests; what is sent again counts once. */
  readonly sent: number;
  readonly acknowledged: number;
  readonly refusedPermanent: number;
  readonly refusedRetryable: number;
  /** Items of requests without an answer. */
  readonly failed: number;
  /** Items that were due and never sent. */
  readonly unsent: number;
  /** Requests that were sent again. */
  readonly retries: number;
  /** Before compression. */
  readonly bytes: number;
}

export interface LoadRunSettings {
  readonly schedule: Schedule;
  readonly requests: { request(number: number, items: number): LoadRequest };
  readonly clients: readonly LoadClient[];
  readonly clock: Clock;
  /** What is refused for now is sent again until it is taken. */
  readonly retries: boolean;
  /** After the last request was due, those that wait for a connection are sent for so long; the rest is given up. */
  readonly graceMs: number;
  /** Ends the schedule; what is under way gets its answer. */
  readonly interrupted: AbortSignal;
}

/**
 * Sends requests when they are due, over the first connection that is free, and counts each latency from when the request
 * was due: a server that stalls shows in the latencies of all that it made wait, not only in that of the request it had.
 */
export class LoadRun {
  readonly latencies = new LatencyHistogram();
  /** Numbers of the items that were acknowledged, those of partial successes left out. */
  readonly acknowledgedItems = new NumberSet();
  /** The first few reasons of refusals and failures, with how often each came. */
  readonly reasons = new Map<string, number>();
  readonly #settings: LoadRunSettings;
  readonly #counts = {
    requests: 0,
    sent: 0,
    acknowledged: 0,
    refusedPermanent: 0,
    refusedRetryable: 0,
    failed: 0,
    unsent: 0,
    retries: 0,
    bytes: 0,
  };
  readonly #free: LoadClient[];
  #startMs = 0;
  #endMs: number | undefined;
  #next = 0;
  #cancelTimer: (() => void) | undefined;
  #finish: () => void = () => undefined;

  constructor(settings: LoadRunSettings) {
    this.#settings = settings;
    this.#free = [...settings.clients];
  }

  get counts(): LoadCounts {
    return this.#counts;
  }

  /** From the start to now, or to the end. */
  get elapsedMs(): number {
    return (this.#endMs ?? this.#settings.clock.monotonic()) - this.#startMs;
  }

  /** Resolves when the last request has its answer. */
  async run(): Promise<void> {
    const { clock, interrupted } = this.#settings;
    this.#startMs = clock.monotonic();
    const pump = (): void => this.#pump();
    interrupted.addEventListener('abort', pump);
    await new Promise<void>((resolve) => {
      this.#finish = resolve;
      this.#pump();
    });
    interrupted.removeEventListener('abort', pump);
    this.#endMs = clock.monotonic();
  }

  /** Sends what is due, as far as there are connections; comes again when one is free or the next request is due. */
  #pump(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { schedule, clock } = this.#settings;
    for (;;) {
      const items = this.#itemsOfNext();
      const isIdle = this.#free.length === this.#settings.clients.length;
      if (items === 0 && isIdle) this.#finish();
      if (items === 0 || this.#free.length === 0) return;
      const waitMs = this.#startMs + schedule.dueMs(this.#next) - clock.monotonic();
      if (waitMs > 0) {
        this.#cancelTimer = clock.after(waitMs, () => this.#pump());
        return;
      }
      void this.#send(this.#free.shift() as LoadClient, this.#next++, items);
    }
  }

  /** Items of the next request; 0 when there is none any more. */
  #itemsOfNext(): number {
    const { schedule, interrupted, graceMs } = this.#settings;
    const items = interrupted.aborted ? 0 : schedule.itemsOf(this.#next);
    if (items === 0 || this.elapsedMs < schedule.settings.durationMs + (schedule.isOpen ? graceMs : 0)) return items;
    if (schedule.isOpen) this.#giveUp();
    return 0;
  }

  #giveUp(): void {
    const { items, settings } = this.#settings.schedule;
    this.#counts.unsent = items - this.#next * settings.batch;
    this.#next = Infinity;
  }

  async #send(client: LoadClient, number: number, items: number): Promise<void> {
    const { schedule, requests, clock } = this.#settings;
    const dueMs = schedule.isOpen ? this.#startMs + schedule.dueMs(number) : clock.monotonic();
    const { body, bytes } = requests.request(number, items);
    this.#counts.requests += 1;
    this.#counts.sent += items;
    this.#counts.bytes += bytes;
    let outcome = await client.send(body);
    while (outcome.kind === 'refused' && outcome.retryable && this.#mayRetry()) {
      this.#counts.retries += 1;
      await this.#pause(Math.max(RETRY_MS_MIN, outcome.retryAfterMs));
      outcome = await client.send(body);
    }
    this.latencies.record(clock.monotonic() - dueMs);
    this.#count(outcome, number, items);
    this.#free.push(client);
    this.#pump();
  }

  #mayRetry(): boolean {
    return this.#settings.retries && !this.#settings.interrupted.aborted;
  }

  #count(outcome: LoadOutcome, number: number, items: number): void {
    const counts = this.#counts;
    if (outcome.kind === 'acknowledged') {
      counts.acknowledged += items - outcome.rejected;
      counts.refusedPermanent += outcome.rejected;
      const first = number * this.#settings.schedule.settings.batch;
      if (outcome.rejected === 0) this.acknowledgedItems.addRange(first, items);
      else this.#note(`the server rejected ${outcome.rejected} items of a request`);
      return;
    }
    if (outcome.kind === 'failed') counts.failed += items;
    else if (outcome.retryable) counts.refusedRetryable += items;
    else counts.refusedPermanent += items;
    this.#note(outcome.reason);
  }

  #note(reason: string): void {
    const times = this.reasons.get(reason);
    if (times !== undefined || this.reasons.size < REASONS_MAX) this.reasons.set(reason, (times ?? 0) + 1);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#settings.clock.after(ms, resolve));
  }
}

const REASONS_MAX = 5;
