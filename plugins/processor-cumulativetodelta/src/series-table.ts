/** The last point of a series. */
export interface LastPoint<V> {
  readonly timeNano: bigint;
  readonly value: V;
  /** When it came, by the collector's clock, in milliseconds. */
  readonly seenMs: number;
}

/**
 * The last points of series, up to a number of series. Changes count for good once they are committed: what could not be
 * passed on must be there for the points that come instead.
 */
export class SeriesTable<V> {
  readonly #seriesMax: number;
  readonly #points = new Map<string, LastPoint<V>>();
  /** What was there before each change that is not committed. */
  #before: [key: string, point: LastPoint<V> | undefined][] = [];

  constructor(seriesMax: number) {
    this.#seriesMax = seriesMax;
  }

  get size(): number {
    return this.#points.size;
  }

  entries(): IterableIterator<[key: string, point: LastPoint<V>]> {
    return this.#points.entries();
  }

  get(key: string): LastPoint<V> | undefined {
    return this.#points.get(key);
  }

  /** False where there is no room for another series. */
  set(key: string, point: LastPoint<V>): boolean {
    const before = this.#points.get(key);
    if (before === undefined && this.#points.size >= this.#seriesMax) return false;
    this.#before.push([key, before]);
    this.#points.set(key, point);
    return true;
  }

  commit(): void {
    this.#before = [];
  }

  rollBack(): void {
    for (const [key, point] of this.#before.toReversed()) {
      if (point === undefined) this.#points.delete(key);
      else this.#points.set(key, point);
    }
    this.#before = [];
  }

  /** Forgets series that were last seen before `seenMs`; not while there are uncommitted changes. */
  forget(seenMs: number): void {
    for (const [key, point] of this.#points) if (point.seenMs < seenMs) this.#points.delete(key);
  }
}
