import { type BucketRate, TokenBucket } from './token-bucket.ts';

/**
 * A bucket for each key, up to a number of keys. The one that was used least recently makes room for a new key, but only when
 * it has become full again, as then nothing is forgotten; until then new keys share one bucket. So nobody gets a fresh burst by
 * making up keys.
 */
export class BucketTable {
  readonly #rate: BucketRate;
  readonly #keysMax: number;
  readonly #now: () => number;
  /** In the order of use. */
  readonly #buckets = new Map<string, TokenBucket>();
  /** For keys that there is no room for. */
  readonly overflow: TokenBucket;
  #round = 0;

  constructor(options: {
    readonly rate: BucketRate;
    readonly keysMax: number;
    /** Milliseconds that never go back. */
    readonly now: () => number;
  }) {
    this.#rate = options.rate;
    this.#keysMax = options.keysMax;
    this.#now = options.now;
    this.overflow = new TokenBucket(options.rate, options.now());
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Before each batch: the buckets that it asks for stay until the next one, though nothing is taken of them yet. */
  begin(): void {
    this.#round++;
  }

  /** The bucket of a key, refilled. */
  of(key: string): TokenBucket {
    const nowMs = this.#now();
    const known = this.#buckets.get(key);
    if (known !== undefined) {
      this.#buckets.delete(key);
      this.#buckets.set(key, known);
      known.refill(nowMs);
      known.usedIn = this.#round;
      return known;
    }
    if (this.#buckets.size >= this.#keysMax && !this.#makeRoom(nowMs)) {
      this.overflow.refill(nowMs);
      return this.overflow;
    }
    const made = new TokenBucket(this.#rate, nowMs);
    made.usedIn = this.#round;
    this.#buckets.set(key, made);
    return made;
  }

  #makeRoom(nowMs: number): boolean {
    const [[key, oldest]] = this.#buckets as Iterable<[string, TokenBucket]>;
    oldest.refill(nowMs);
    return oldest.usedIn !== this.#round && oldest.isFull && this.#buckets.delete(key);
  }
}
