import { LRUCache } from 'lru-cache';

/** Decisions on traces that are forgotten otherwise, by trace id. */
export class DecisionCache {
  readonly #sampled: LRUCache<string, true> | undefined;
  readonly #notSampled: LRUCache<string, true> | undefined;

  constructor(sizes: { readonly sampled_cache_size: number; readonly non_sampled_cache_size: number }) {
    this.#sampled = cacheOf(sizes.sampled_cache_size);
    this.#notSampled = cacheOf(sizes.non_sampled_cache_size);
  }

  /** Whether a trace was sampled; undefined when that is not known. A look keeps it. */
  get(key: string): boolean | undefined {
    if (this.#sampled?.get(key) === true) return true;
    return this.#notSampled?.get(key) === true ? false : undefined;
  }

  /** False where there is no cache for such decisions. */
  set(key: string, isSampled: boolean): boolean {
    const cache = isSampled ? this.#sampled : this.#notSampled;
    cache?.set(key, true);
    return cache !== undefined;
  }
}

function cacheOf(max: number): LRUCache<string, true> | undefined {
  return max === 0 ? undefined : new LRUCache({ max });
}
