import { UNTAGGED } from '../tagged-items.ts';

/** How often each id was seen. */
export class IdTally {
  readonly #counts = new Map<number, number>();

  add(ids: Iterable<number>): this {
    for (const id of ids) this.#counts.set(id, this.of(id) + 1);
    return this;
  }

  of(id: number): number {
    return this.#counts.get(id) ?? 0;
  }

  get ids(): readonly number[] {
    return [...this.#counts.keys()];
  }
}

/** Ids for a message; not all of thousands. */
export function listIds(ids: readonly number[]): string {
  const shown = ids.slice(0, 8).map((id) => (id === UNTAGGED ? 'untagged' : `#${id}`));
  return `${ids.length} (${shown.join(', ')}${ids.length > shown.length ? ', …' : ''})`;
}

/** Ids that came out without having gone in. */
export function inventedIn(sent: IdTally, arrived: IdTally): readonly number[] {
  return arrived.ids.filter((id) => sent.of(id) === 0);
}

/** Ids that came out more often than they went in. */
export function doubledIn(sent: IdTally, arrived: IdTally): readonly number[] {
  return arrived.ids.filter((id) => sent.of(id) > 0 && arrived.of(id) > sent.of(id));
}

/** Ids of `expected` that did not come out. */
export function lostOf(expected: readonly number[], arrived: IdTally): readonly number[] {
  return expected.filter((id) => arrived.of(id) === 0);
}
