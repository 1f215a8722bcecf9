import { ANY, complement, foldedAtLeast, intersects, type CharSet } from './char-set.ts';
import { startsAtStart, type CharsNode, type PatternNode } from './syntax-tree.ts';

/** More positions make a pattern too large to be analysed. */
const POSITIONS_MAX = 256;

/**
 * The position automaton of a pattern (Glushkov): one state for each character class after counted repetitions are written out,
 * one step for each character read. Every way in which a backtracking matcher can read a text is one path in it; assertions are
 * taken to hold, which only adds paths. State 0 is the start; where a match may begin anywhere, it reads everything and stays.
 */
export interface Automaton {
  readonly size: number;
  /** By state, the states that a character may lead to. */
  readonly next: readonly (readonly number[])[];
  /** Whether some character can lead into both states: `overlaps[p * size + q]`. */
  readonly overlaps: Uint8Array;
}

/** Undefined when the pattern is too large, or has more than one way to get from one character to the next without reading. */
export function automatonOf(node: PatternNode): Automaton | undefined {
  const builder = new Builder();
  const whole = builder.add(node);
  if (whole === undefined || whole.emptyWays > 1) return undefined;
  if (!startsAtStart(node)) builder.follow[0].push(0);
  builder.follow[0].push(...whole.first);
  if (builder.follow.some((states) => new Set(states).size < states.length)) return undefined;
  const { sets } = builder;
  const size = sets.length;
  const overlaps = new Uint8Array(size * size);
  for (let p = 0; p < size; p++)
    for (let q = 0; q < size; q++) overlaps[p * size + q] = intersects(sets[p], sets[q]) ? 1 : 0;
  return { size, next: builder.follow, overlaps };
}

/** A part of the pattern: where it begins and ends, and in how many ways it can be empty. */
interface Part {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly emptyWays: number;
}

const NOTHING: Part = { first: [], last: [], emptyWays: 1 };

class Builder {
  readonly sets: CharSet[] = [ANY];
  readonly follow: number[][] = [[]];

  add(node: PatternNode): Part | undefined {
    switch (node.kind) {
      case 'empty':
      case 'assertion':
        return NOTHING;
      case 'chars':
        return this.#addChars(node);
      case 'capture':
        return this.add(node.body);
      case 'concat':
        return this.#addSequence(node.parts);
      case 'alternate':
        return this.#addOptions(node.options);
      case 'repeat':
        return this.#addRepeat(node.body, node.min, node.max);
    }
  }

  #addChars({ set, negated, fold }: CharsNode): Part | undefined {
    if (this.sets.length > POSITIONS_MAX) return undefined;
    // What is left when a set is taken away only shrinks when case is ignored: the complement as it is written is enough.
    const state = this.sets.push(negated ? complement(set) : fold === true ? foldedAtLeast(set) : set) - 1;
    this.follow.push([]);
    return { first: [state], last: [state], emptyWays: 0 };
  }

  #addSequence(nodes: readonly PatternNode[]): Part | undefined {
    let sequence = NOTHING;
    for (const node of nodes) {
      const part = this.add(node);
      if (part === undefined) return undefined;
      sequence = this.#join(sequence, part);
    }
    return sequence;
  }

  #join(left: Part, right: Part): Part {
    for (const state of left.last) this.follow[state].push(...right.first);
    return {
      first: repeatTimes(right.first, left.emptyWays, left.first),
      last: repeatTimes(left.last, right.emptyWays, right.last),
      emptyWays: left.emptyWays * right.emptyWays,
    };
  }

  #addOptions(nodes: readonly PatternNode[]): Part | undefined {
    const options = nodes.map((node) => this.add(node));
    if (options.includes(undefined)) return undefined;
    const parts = options as Part[];
    return {
      first: parts.flatMap(({ first }) => first),
      last: parts.flatMap(({ last }) => last),
      emptyWays: parts.reduce((sum, { emptyWays }) => sum + emptyWays, 0),
    };
  }

  /** `x{2,4}` is `xx(x(x)?)?`, `x{2,}` is `xx+`. */
  #addRepeat(body: PatternNode, min: number, max: number): Part | undefined {
    let sequence = NOTHING;
    for (let i = 0; i < (max === Infinity ? min - 1 : min); i++) {
      const part = this.add(body);
      if (part === undefined) return undefined;
      sequence = this.#join(sequence, part);
    }
    const tail = max === Infinity ? this.#addLoop(body, min === 0) : this.#addOptional(body, max - min);
    return tail === undefined ? undefined : this.#join(sequence, tail);
  }

  #addLoop(body: PatternNode, mayBeEmpty: boolean): Part | undefined {
    const part = this.add(body);
    // A loop around something empty can go round in many ways without reading.
    if (part === undefined || part.emptyWays > 0) return undefined;
    for (const state of part.last) this.follow[state].push(...part.first);
    return mayBeEmpty ? { ...part, emptyWays: 1 } : part;
  }

  #addOptional(body: PatternNode, times: number): Part | undefined {
    if (times === 0) return NOTHING;
    const part = this.add(body);
    // Engines do not agree on whether a group that could have been left out has matched the empty text.
    if (part === undefined || part.emptyWays > 0) return undefined;
    const rest = this.#addOptional(body, times - 1);
    if (rest === undefined) return undefined;
    const sequence = this.#join(part, rest);
    return { ...sequence, emptyWays: sequence.emptyWays + 1 };
  }
}

/** `states` as often as there are ways to get to them, behind `before`. */
function repeatTimes(states: readonly number[], ways: number, before: readonly number[]): readonly number[] {
  // Two ways are enough to be found out.
  if (ways === 0) return before;
  return ways === 1 ? [...before, ...states] : [...before, ...states, ...states];
}
