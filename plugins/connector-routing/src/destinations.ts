/** Number of the set without routes. */
export const NOWHERE = 0;

/** More sets than this are forgotten after a batch; without routes that copy there are no more than routes. */
const SETS_MAX = 4_096;

/**
 * Which routes each part of a batch goes. Parts mostly go the same few ways, so that a part is kept as the number of a set of
 * routes, and sets are kept once.
 */
export class Destinations {
  readonly #routes: number;
  #sets: (readonly number[])[] = [[]];
  readonly #next = new Map<number, number>();
  #parts = new Int32Array(1024);
  #count = 0;

  /** `routes`: how many ways there are; each is known by its index. */
  constructor(routes: number) {
    this.#routes = routes;
  }

  /** Starts over with another batch. */
  clear(): void {
    this.#count = 0;
    if (this.#sets.length <= SETS_MAX) return;
    this.#sets = [[]];
    this.#next.clear();
  }

  /** The number of the set that has one route more; routes are added in rising order. */
  with(set: number, route: number): number {
    const step = set * this.#routes + route;
    const known = this.#next.get(step);
    if (known !== undefined) return known;
    const made = this.#sets.push([...this.#sets[set], route]) - 1;
    this.#next.set(step, made);
    return made;
  }

  /** Notes the ways of the next part. */
  push(set: number): void {
    if (this.#count === this.#parts.length) {
      const larger = new Int32Array(this.#count * 2);
      larger.set(this.#parts);
      this.#parts = larger;
    }
    this.#parts[this.#count++] = set;
  }

  /** For each set, whether it has the route. */
  having(route: number): readonly boolean[] {
    return this.#sets.map((set) => set.includes(route));
  }

  /** The set of a part, by the order of `push`. */
  of(part: number): number {
    return this.#parts[part];
  }

  /** Whether all, some or none of the parts have a set for which `isIn` is true. */
  shareOf(isIn: readonly boolean[]): 'all' | 'some' | 'none' {
    let found = 0;
    for (let part = 0; part < this.#count; part++) if (isIn[this.#parts[part]]) found++;
    if (found === 0) return 'none';
    return found === this.#count ? 'all' : 'some';
  }
}
