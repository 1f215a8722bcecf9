import type { Automaton } from './automaton.ts';

/** How the steps of a backtracking matcher grow with the length of the text, at worst. */
export type Growth = 'linear' | 'quadratic' | 'unbounded';

/** Ways through a pattern, loops aside, beyond which it is too much whatever the text. */
const ROUTES_MAX = 1000;
/** Work that the analysis of one pattern may take. */
const VISITS_MAX = 200_000;

/**
 * Bounds what backtracking can cost. A matcher that fails has walked every path that reads a prefix of the text, so the
 * question is how many such paths there can be (Weber and Seidl, On the degree of ambiguity of finite automata, 1991):
 *
 * - a state with two different ways back to itself over the same word doubles the paths with each round: exponential;
 * - else, two states p and q with one word that leads from p to p, from p to q and from q to q: each occurrence of the word is a
 *   place to change over, and a chain of k such pairs gives about n^k paths;
 * - with neither, their number does not depend on the text, and `ROUTES_MAX` bounds it.
 *
 * Each path of length n takes n steps, so no pair is linear and one pair quadratic.
 */
export function backtrackingGrowth(automaton: Automaton): Growth {
  const analysis = new Analysis(automaton);
  if (analysis.routes() > ROUTES_MAX || analysis.isExponential()) return 'unbounded';
  const pairs = analysis.changeovers();
  if (pairs === undefined) return 'unbounded';
  if (pairs.length === 0) return 'linear';
  const chained = pairs.some(([, q]) => pairs.some(([p]) => analysis.leadsTo(q, p)));
  return chained ? 'unbounded' : 'quadratic';
}

type Pair = readonly [p: number, q: number];

class Analysis {
  readonly #automaton: Automaton;
  /** `reach[p * size + q]`: whether q can be reached from p, in any number of steps. */
  readonly #reach: Uint8Array;

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
    this.#reach = reachability(automaton);
  }

  leadsTo(p: number, q: number): boolean {
    return this.#reach[p * this.#automaton.size + q] === 1;
  }

  /** The number of ways into the pattern, to wherever they get, when every loop counts as one place. */
  routes(): number {
    const { size, next } = this.#automaton;
    const known = new Array<number>(size).fill(0);
    const countFrom = (loop: number): number => {
      if (known[loop] > 0) return known[loop];
      let total = 1;
      for (let state = 0; state < size; state++) {
        if (state !== loop && !this.#sameLoop(state, loop)) continue;
        for (const to of next[state]) if (to !== state && !this.#sameLoop(state, to)) total += countFrom(to);
      }
      known[loop] = Math.min(total, ROUTES_MAX + 1);
      return known[loop];
    };
    return countFrom(0);
  }

  /** Whether two different walks over the same word lead from a state back to itself. */
  isExponential(): boolean {
    const { size, next, overlaps } = this.#automaton;
    for (let state = 0; state < size; state++) {
      if (!this.leadsTo(state, state)) continue;
      // Walks in step that are both in the state's loop; one that has split and joined again gives the two ways.
      const seen = new Uint8Array(size * size * 2);
      const open: [number, number, number][] = [[state, state, 0]];
      while (open.length > 0) {
        const [p, q, split] = open.pop()!;
        for (const to of next[p]) {
          for (const other of next[q]) {
            if (overlaps[to * size + other] === 0 || !this.leadsTo(to, state) || !this.leadsTo(other, state)) continue;
            const isSplit = split === 1 || to !== other ? 1 : 0;
            if (isSplit === 1 && to === state && other === state) return true;
            const at = (to * size + other) * 2 + isSplit;
            if (seen[at] === 1) continue;
            seen[at] = 1;
            open.push([to, other, isSplit]);
          }
        }
      }
    }
    return false;
  }

  /** All pairs p, q with one word that leads from p to p, from p to q, and from q to q. Undefined when that takes too long. */
  changeovers(): readonly Pair[] | undefined {
    const { size } = this.#automaton;
    const pairs: Pair[] = [];
    const budget = { left: VISITS_MAX };
    for (let p = 0; p < size; p++) {
      if (!this.leadsTo(p, p)) continue;
      for (let q = 0; q < size; q++) {
        if (p === q || !this.leadsTo(q, q) || !this.leadsTo(p, q) || this.leadsTo(q, p)) continue;
        if (this.#changesOver(p, q, budget)) pairs.push([p, q]);
        if (budget.left < 0) return undefined;
      }
    }
    return pairs;
  }

  #changesOver(p: number, q: number, budget: { left: number }): boolean {
    const { size, next, overlaps } = this.#automaton;
    const meet = (a: number, b: number) => overlaps[a * size + b] === 1;
    const seen = new Set<number>();
    const open: [number, number, number][] = [[p, p, q]];
    while (open.length > 0) {
      const [stays, moves, waits] = open.pop()!;
      for (const a of next[stays]) {
        if (!this.leadsTo(a, p)) continue;
        for (const c of next[waits]) {
          if (!this.leadsTo(c, q) || !meet(a, c)) continue;
          for (const b of next[moves]) {
            // Three sets that meet two by two need not meet all at once; taking them to is on the safe side.
            if (!this.leadsTo(b, q) || !meet(a, b) || !meet(b, c)) continue;
            if (a === p && b === q && c === q) return true;
            const at = (a * size + b) * size + c;
            if (seen.has(at)) continue;
            seen.add(at);
            if (--budget.left < 0) return false;
            open.push([a, b, c]);
          }
        }
      }
    }
    return false;
  }

  #sameLoop(p: number, q: number): boolean {
    return this.leadsTo(p, q) && this.leadsTo(q, p);
  }
}

function reachability({ size, next }: Automaton): Uint8Array {
  const reach = new Uint8Array(size * size);
  for (let from = 0; from < size; from++) {
    const open = [from];
    while (open.length > 0) {
      for (const to of next[open.pop()!]) {
        if (reach[from * size + to] === 1) continue;
        reach[from * size + to] = 1;
        open.push(to);
      }
    }
  }
  return reach;
}
