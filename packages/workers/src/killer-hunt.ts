import type { Exclusion } from './grind.ts';
import type { WorkerDeath } from './worker-pool.ts';

/** What killed a worker. */
export interface Killer {
  readonly exclusion: Exclusion;
  /** How many items it holds, as far as they could be counted. */
  readonly items: number;
  readonly death: WorkerDeath;
}

/** Deaths that one grind may cost; what is not told apart by then fails together. */
const DEATHS_MAX = 16;

/**
 * Finds the parts and items that kill workers. A worker that probes notes what it is about to process: a death names
 * the part, and the next one, item by item, the item. So every killer costs two deaths, not one for each halving.
 *
 * @param probe goes on from a position, without what is excluded; rejects with a WorkerDeath.
 */
export async function huntKillers(
  parts: number,
  probe: (from: { part: number; item: number }, excluded: readonly Exclusion[]) => Promise<WorkerDeath | undefined>,
): Promise<Killer[]> {
  const killers: Killer[] = [];
  let from = { part: 0, item: -1 };
  for (let deaths = 0; ; deaths++) {
    const death = await probe(
      from,
      killers.map((killer) => killer.exclusion),
    );
    if (death === undefined) return killers;
    // It died between parts: nothing to learn, the last attempt decides.
    if (death.part < 0) return killers;
    if (deaths >= DEATHS_MAX) {
      killers.push(...rest(death, parts));
      return killers;
    }
    from = next(death, killers);
  }
}

/** Names the killer if it is known by now; the result is where to go on. */
function next(death: WorkerDeath, killers: Killer[]): { part: number; item: number } {
  const { part, item, items } = death;
  if (item >= 0) {
    killers.push({ exclusion: { part, range: { from: item, to: item + 1 } }, items: 1, death });
    return { part, item: item + 1 };
  }
  // The decoder's death, or the only item.
  if (items <= 1) {
    killers.push({ exclusion: { part, range: undefined }, items: Math.max(items, 0), death });
    return { part: part + 1, item: -1 };
  }
  return { part, item: 0 };
}

/** Everything from the place of a death on. */
function rest(death: WorkerDeath, parts: number): Killer[] {
  const { part, item, items } = death;
  const killers: Killer[] = [];
  if (item > 0) {
    killers.push({ exclusion: { part, range: { from: item, to: items } }, items: items - item, death });
  } else {
    killers.push({ exclusion: { part, range: undefined }, items: Math.max(items, 0), death });
  }
  for (let later = part + 1; later < parts; later++) {
    killers.push({ exclusion: { part: later, range: undefined }, items: 0, death });
  }
  return killers;
}
