import { LRUCache } from 'lru-cache';
import { type CacheEntry, entryBytes } from './cache-entry.ts';
import { noCounts, type TierView } from './tier-counts.ts';

/** Entries as objects, the least recently used of which go first. */
export class ObjectTier implements TierView {
  readonly counts = noCounts();
  readonly #entries: LRUCache<string, CacheEntry>;

  constructor(options: {
    readonly entriesMax: number;
    readonly bytesMax: number;
    /** Called with each entry that has to go for want of room. */
    readonly onEvict: (key: string, entry: CacheEntry) => void;
  }) {
    this.#entries = new LRUCache<string, CacheEntry>({
      max: options.entriesMax,
      maxSize: options.bytesMax,
      sizeCalculation: (entry, key) => entryBytes(key, entry),
      dispose: (entry, key, reason) => {
        if (reason !== 'evict') return;
        this.counts.evictions++;
        options.onEvict(key, entry);
      },
    });
  }

  get entries(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  get(key: string): CacheEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) this.counts.misses++;
    else this.counts.hits++;
    return entry;
  }

  set(key: string, entry: CacheEntry): void {
    this.#entries.set(key, entry);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
