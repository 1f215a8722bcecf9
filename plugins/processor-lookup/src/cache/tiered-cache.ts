import type { Clock, Logger } from '@millrace/api';
import type { CacheEntry, CacheValue } from './cache-entry.ts';
import { CompressedTier } from './compressed-tier.ts';
import { DiskTier } from './disk-tier.ts';
import { ObjectTier } from './object-tier.ts';
import type { TierView } from './tier-counts.ts';

export interface TieredCacheSettings {
  /** Bounds of what is kept as objects. */
  readonly entriesMax: number;
  readonly bytesMax: number;
  /** How long answers count; 0: for ever. */
  readonly ttlMs: number;
  /** How long "there is none" counts; 0: it is not kept. */
  readonly negativeTtlMs: number;
  /** How long after that an answer is still given, while it is asked for anew. */
  readonly staleMs: number;
  /** Bound of what is kept compressed; 0: nothing is. */
  readonly compressedBytesMax: number;
  readonly disk: { readonly directory: string; readonly name: string; readonly bytesMax: number } | undefined;
}

export type TierName = 'memory' | 'compressed' | 'disk';

/** What the source has under a key; undefined: nothing. */
export type Load = (key: string) => Promise<CacheValue | undefined>;

/**
 * Answers of a slow source, in three tiers: objects in memory, compressed blocks in memory, and a file. What is found further
 * down comes up. Each key is asked for once at a time, however many want it.
 */
export class TieredCache {
  readonly tiers: ReadonlyMap<TierName, TierView>;
  readonly #settings: TieredCacheSettings;
  readonly #clock: Clock;
  readonly #load: Load;
  readonly #objects: ObjectTier;
  readonly #compressed: CompressedTier | undefined;
  readonly #disk: DiskTier | undefined;
  /** Keys that are being asked for. */
  readonly #flights = new Map<string, Promise<CacheValue | undefined>>();

  constructor(
    settings: TieredCacheSettings,
    { clock, logger, load }: { readonly clock: Clock; readonly logger: Logger; readonly load: Load },
  ) {
    const { entriesMax, bytesMax, compressedBytesMax, disk } = settings;
    this.#settings = settings;
    this.#clock = clock;
    this.#load = load;
    this.#compressed = compressedBytesMax === 0 ? undefined : new CompressedTier(compressedBytesMax);
    this.#disk = disk === undefined ? undefined : new DiskTier({ ...disk, clock, logger });
    const onEvict = (key: string, entry: CacheEntry): void => {
      if (this.#isUsable(entry)) this.#compressed?.set(key, entry);
    };
    this.#objects = new ObjectTier({ entriesMax, bytesMax, onEvict });
    const tiers: [TierName, TierView | undefined][] = [
      ['memory', this.#objects],
      ['compressed', this.#compressed],
      ['disk', this.#disk],
    ];
    this.tiers = new Map(tiers.flatMap(([name, tier]) => (tier === undefined ? [] : [[name, tier] as const])));
  }

  /** Opens the file. @throws ComponentError */
  open(): void {
    this.#disk?.open();
  }

  /** Writes what waits for being written. */
  close(): void {
    this.#disk?.close();
  }

  /** How many keys are being asked for. */
  get flights(): number {
    return this.#flights.size;
  }

  /** Resolves when nothing is being asked for, for anybody. */
  async settled(): Promise<void> {
    while (this.#flights.size > 0) await Promise.allSettled(this.#flights.values());
  }

  /**
   * The answer where it is known, else undefined. An answer that has just become too old is given, too, and asked for anew in the
   * background.
   */
  peek(key: string): CacheEntry | undefined {
    const entry = this.#find(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAtMs > this.#clock.now()) return entry;
    // Who waits for it gets to know of a failure when the answer has become too old to be given.
    this.fetch(key).catch(() => undefined);
    return entry;
  }

  /** The answer, from the source where it is not known. Rejects with what the source does. */
  async get(key: string): Promise<CacheValue | undefined> {
    const known = this.peek(key);
    return known === undefined ? this.fetch(key) : known.value;
  }

  #find(key: string): CacheEntry | undefined {
    const object = this.#objects.get(key);
    if (object !== undefined) {
      if (this.#isUsable(object)) return object;
      this.#objects.delete(key);
    }
    const below = this.#usable(this.#compressed?.take(key)) ?? this.#usable(this.#disk?.get(key));
    if (below !== undefined) this.#objects.set(key, below);
    return below;
  }

  #usable(entry: CacheEntry | undefined): CacheEntry | undefined {
    return entry !== undefined && this.#isUsable(entry) ? entry : undefined;
  }

  #isUsable({ expiresAtMs }: CacheEntry): boolean {
    return expiresAtMs + this.#settings.staleMs > this.#clock.now();
  }

  /** Asks the source, or waits for an answer that is on its way. Rejects with what the source does. */
  fetch(key: string): Promise<CacheValue | undefined> {
    const running = this.#flights.get(key);
    if (running !== undefined) return running;
    const flight = this.#load(key)
      .then((value) => {
        this.#keep(key, value);
        return value;
      })
      .finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  #keep(key: string, value: CacheValue | undefined): void {
    const { ttlMs, negativeTtlMs } = this.#settings;
    this.#compressed?.delete(key);
    if (value === undefined && negativeTtlMs === 0) {
      this.#objects.delete(key);
      // In place of an older answer there, which might still be good for a while.
      this.#disk?.set(key, { value, expiresAtMs: Number.NEGATIVE_INFINITY });
      return;
    }
    const lifeMs = value === undefined ? negativeTtlMs : ttlMs;
    const expiresAtMs = lifeMs === 0 ? Number.POSITIVE_INFINITY : this.#clock.now() + lifeMs;
    this.#objects.set(key, { value, expiresAtMs });
    this.#disk?.set(key, { value, expiresAtMs });
  }
}
