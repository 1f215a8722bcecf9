import { type Batch, isRetryable, retryable, type StatefulHost, type StatefulProcessor } from '@millrace/api';
import { BucketTable } from './bucket-table.ts';
import { type Excess, excessOf } from './excess.ts';
import { KeyReader } from './key-reader.ts';
import { type ExcessCount, LimiterMetrics } from './limiter-metrics.ts';
import type { RateLimitSettings } from './rate-limit-settings.ts';
import type { TokenBucket } from './token-bucket.ts';
import { type LimitedBatch, type LimitedSignal, openBatch, walkItems } from './walk-items.ts';
import { type Weight, weighBatch, type Weighed } from './weigh-batch.ts';

/** What was taken of each bucket. */
type Taken = Map<TokenBucket, number>;

/**
 * Lets through what there are tokens for. It lives on the main thread: a limit holds for all workers together, and a pure step
 * may run more than once for the same items (a worker that dies, a search for the item that fails), which would count them
 * again. It holds nothing back. What a sender has to send again gives its tokens back, so that it counts once.
 */
export class RateLimiter implements StatefulProcessor {
  readonly #settings: RateLimitSettings;
  readonly #host: StatefulHost;
  readonly #table: BucketTable;
  readonly #keys: KeyReader;
  readonly #weight: Weight | undefined;
  readonly #excess: Excess;
  readonly #metrics: LimiterMetrics;
  readonly #passing = new Set<Promise<void>>();

  constructor(settings: RateLimitSettings, host: StatefulHost) {
    const { limit, burst = Math.max(1, limit), max_keys: keysMax } = settings;
    this.#settings = settings;
    this.#host = host;
    const rate = { tokensPerMs: limit / 1_000, burst };
    this.#table = new BucketTable({ rate, keysMax, now: () => host.clock.monotonic() });
    this.#keys = new KeyReader(settings.key, host.signal as LimitedSignal, () => BigInt(host.clock.now()) * 1_000_000n);
    this.#weight = settings.unit === 'items' ? undefined : (item) => item.toBytes().length;
    this.#excess = excessOf(settings);
    this.#metrics = new LimiterMetrics(host, () => this.#table.size);
  }

  consume(batch: Batch): Promise<void> {
    const passing = this.#limit(batch).finally(() => this.#passing.delete(passing));
    this.#passing.add(passing);
    return passing;
  }

  async shutdown(): Promise<void> {
    await Promise.allSettled(this.#passing);
    this.#metrics.stop();
  }

  /** Decides before it waits for anything: no other batch comes in between. */
  async #limit(batch: Batch): Promise<void> {
    const weighed = this.#weigh(batch);
    const isRefusing = this.#settings.excess === 'refuse';
    const lacking = [...weighed.needs].filter(([bucket, tokens]) =>
      isRefusing ? !bucket.has(tokens) : !bucket.covers(tokens),
    );
    if (lacking.length === 0) {
      for (const [bucket, tokens] of weighed.needs) bucket.take(tokens);
      await this.#pass(batch, new Map(weighed.needs), undefined);
    } else if (isRefusing) {
      throw this.#refusal(batch, lacking);
    } else {
      await this.#passPart(batch, weighed);
    }
  }

  #weigh(batch: Batch): Weighed {
    try {
      return weighBatch(batch, { keys: this.#keys, table: this.#table, weight: this.#weight });
    } catch (error) {
      batch.release();
      throw error;
    }
  }

  #refusal(batch: Batch, lacking: readonly (readonly [TokenBucket, number])[]) {
    const { limit, unit } = this.#settings;
    const retryAfterMs = Math.max(1, ...lacking.map(([bucket, tokens]) => bucket.waitMs(tokens)));
    this.#metrics.refused(batch.items);
    batch.release();
    const message = `over the limit of ${limit} ${unit} a second of "${this.#host.id}": try again in ${retryAfterMs} ms`;
    return retryable(message, { code: 'RESOURCE_EXHAUSTED', retryAfterMs });
  }

  async #passPart(batch: Batch, weighed: Weighed): Promise<void> {
    const taken: Taken = new Map();
    const count: ExcessCount = { droppedByLimit: 0, droppedByOverflow: 0, sampled: 0, tagged: 0 };
    let made: Batch | undefined;
    try {
      const open = openBatch(batch.signal as LimitedSignal, batch.chunks);
      this.#edit(open, weighed, { taken, count });
      if (open.itemCount > 0) made = this.#host.makeBatch(open.chunks, batch);
    } catch (error) {
      giveBack(taken);
      throw error;
    } finally {
      batch.release();
    }
    if (made === undefined) this.#metrics.excess(count);
    else await this.#pass(made, taken, count);
  }

  /** Lets items through as long as their buckets have tokens, in order. */
  #edit(open: LimitedBatch, { runs }: Weighed, into: { readonly taken: Taken; readonly count: ExcessCount }): void {
    const { taken, count } = into;
    const isTagging = this.#settings.excess === 'tag';
    let at = 0;
    let left = runs[0].items;
    walkItems(open, {
      enter: () => undefined,
      item: (item) => {
        if (left === 0) left = runs[++at].items;
        left--;
        const { bucket } = runs[at];
        const tokens = this.#weight?.(item) ?? 1;
        if (bucket.has(tokens)) {
          bucket.take(tokens);
          taken.set(bucket, (taken.get(bucket) ?? 0) + tokens);
          return true;
        }
        if (this.#excess(item, bucket)) {
          if (isTagging) count.tagged++;
          else count.sampled++;
          return true;
        }
        if (bucket === this.#table.overflow) count.droppedByOverflow++;
        else count.droppedByLimit++;
        return false;
      },
    });
  }

  /** Takes the batch over. */
  async #pass(batch: Batch, taken: Taken, count: ExcessCount | undefined): Promise<void> {
    try {
      await this.#host.next([batch]);
    } catch (error) {
      if (isRetryable(error)) giveBack(taken);
      else if (count !== undefined) this.#metrics.excess(count);
      throw error;
    }
    if (count !== undefined) this.#metrics.excess(count);
  }
}

function giveBack(taken: Taken): void {
  for (const [bucket, tokens] of taken) bucket.giveBack(tokens);
}
