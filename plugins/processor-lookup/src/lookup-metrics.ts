import type { Counter, StatefulHost } from '@millrace/api';
import type { TierCounts } from './cache/tier-counts.ts';
import type { TierName, TieredCache } from './cache/tiered-cache.ts';
import type { Tally } from './enricher.ts';

/** Names and texts of what a lookup counts: keys of items, unless said otherwise. */
const COUNTERS = {
  hits: ['processor_lookup_hits', 'Keys of items that were found', '{keys}'],
  misses: ['processor_lookup_misses', 'Keys of items that were not found', '{keys}'],
  errors: ['processor_lookup_errors', 'Keys of items for which the source could not be asked', '{keys}'],
  dropped: ['processor_lookup_dropped_items', 'Items that were dropped because their key was not found', '{items}'],
} as const;
const CACHE_COUNTERS = {
  hits: ['processor_lookup_cache_hits', 'Keys that a tier of the cache knew', '{keys}'],
  misses: ['processor_lookup_cache_misses', 'Keys that a tier of the cache was asked for and did not know', '{keys}'],
  evictions: ['processor_lookup_cache_evictions', 'Answers that a tier of the cache had no room for', '{answers}'],
} as const;

type Labels = Readonly<Record<string, string>>;

/** What a lookup tells of itself. */
export class LookupMetrics {
  readonly #labels: Labels;
  readonly #counters: Readonly<Record<keyof typeof COUNTERS, Counter>>;
  readonly #cacheCounters: Readonly<Record<keyof typeof CACHE_COUNTERS, Counter>>;
  readonly #questions: Counter;
  readonly #reloads: Counter;
  readonly #reloadFailures: Counter;
  readonly #host: StatefulHost;
  readonly #told = new Map<TierName, TierCounts>();
  #stops: (() => void)[] = [];

  constructor(host: StatefulHost) {
    const { telemetry, id, signal } = host;
    const counter = ([name, description, unit]: readonly [string, string, string]) =>
      telemetry.counter(name, { description, unit });
    this.#host = host;
    this.#labels = { processor: id, signal };
    this.#counters = {
      hits: counter(COUNTERS.hits),
      misses: counter(COUNTERS.misses),
      errors: counter(COUNTERS.errors),
      dropped: counter(COUNTERS.dropped),
    };
    this.#cacheCounters = {
      hits: counter(CACHE_COUNTERS.hits),
      misses: counter(CACHE_COUNTERS.misses),
      evictions: counter(CACHE_COUNTERS.evictions),
    };
    this.#questions = counter(['processor_lookup_requests', 'Questions that the source was asked', '{requests}']);
    // The names of these two are the Collector's.
    this.#reloads = counter(['lookup_source_reloads', 'Number of successful reloads of a file', '{reload}']);
    this.#reloadFailures = counter(['lookup_source_reload_failures', 'Number of failed reloads of a file', '{reload}']);
  }

  readonly onReload = (succeeded: boolean): void => {
    (succeeded ? this.#reloads : this.#reloadFailures).add(1, this.#labels);
  };

  readonly onAnswer = (failure: unknown): void => {
    this.#questions.add(1, { ...this.#labels, outcome: failure === undefined ? 'answered' : 'failed' });
  };

  /** Shows the cache until `stop`. */
  watch(cache: TieredCache): void {
    const { telemetry } = this.#host;
    for (const [name, tier] of cache.tiers) {
      const labels = { ...this.#labels, tier: name };
      const gauge = (what: string, description: string, unit: string, observe: () => number) =>
        this.#stops.push(telemetry.gauge(`processor_lookup_cache_${what}`, { description, unit, labels }, observe));
      gauge('entries', 'Answers in a tier of the cache', '{answers}', () => tier.entries);
      gauge('bytes', 'Size of a tier of the cache', 'By', () => tier.bytes);
      gauge('hit_ratio', 'Share of the keys that a tier of the cache knew', '1', () => {
        const { hits, misses } = tier.counts;
        return hits + misses === 0 ? 0 : hits / (hits + misses);
      });
    }
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  /** After each batch. */
  record(tally: Tally, cache: TieredCache | undefined): void {
    for (const name of Object.keys(COUNTERS) as (keyof Tally)[]) {
      if (tally[name] > 0) this.#counters[name].add(tally[name], this.#labels);
    }
    for (const [name, { counts }] of cache?.tiers ?? []) this.#recordTier(name, counts);
  }

  #recordTier(tier: TierName, counts: Readonly<TierCounts>): void {
    const told = this.#told.get(tier);
    for (const name of Object.keys(CACHE_COUNTERS) as (keyof TierCounts)[]) {
      const more = counts[name] - (told?.[name] ?? 0);
      if (more > 0) this.#cacheCounters[name].add(more, { ...this.#labels, tier });
    }
    this.#told.set(tier, { ...counts });
  }
}
