import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { automatonOf } from './automaton.ts';
import { backtrackingGrowth } from './backtracking.ts';
import { toRegExp } from './javascript-source.ts';
import { parseRe2 } from './re2-parser.ts';
import { capturesInLoop, groupNames, lengthMin, type PatternNode } from './syntax-tree.ts';
import { trimEdges } from './trim-edges.ts';

/** Longest text, in UTF-16 units, that V8 gets with a pattern that may take quadratic time: some tens of microseconds. */
const QUADRATIC_UNITS_MAX = 256;
/** V8 keeps a stack for backtracking, which even linear patterns fill. */
const LINEAR_UNITS_MAX = 1 << 20;

/** Where a pattern matched. */
export interface PatternMatch {
  /** In UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** What the groups captured, first group first; undefined for one that took no part. */
  readonly groups: readonly (string | undefined)[];
}

/** A regular expression in RE2's syntax and meaning. Matching takes time in proportion to the text, whatever the two are. */
export interface Pattern {
  readonly source: string;
  /** By group, first group first; '' for one without a name. */
  readonly groupNames: readonly string[];
  /** No match is shorter, in UTF-16 units. */
  readonly unitsMin: number;
  /** Whether some part of `text` matches. */
  test(text: string): boolean;
  /** The leftmost match that begins at or behind `from`, in UTF-16 units. `^` holds at the start of the text only. */
  exec(text: string, from?: number): PatternMatch | null;
}

export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly code = 'PATTERN_SYNTAX';

  constructor(source: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message.replace(/^error parsing regexp: /, '') : String(cause);
    super(`"${source}" is not a regular expression in RE2 syntax: ${reason}`, { cause });
  }
}

/** Throws PatternError for what RE2 does not take: wrong syntax, back-references, look-around. */
export function compilePattern(source: string): Pattern {
  const tree = parseRe2(source);
  return tree === undefined ? new LinearPattern(source) : new FastPattern(source, tree);
}

/** V8's engine where it is proven not to blow up (see backtracking.ts), the linear engine everywhere else. */
class FastPattern implements Pattern {
  readonly source: string;
  readonly groupNames: readonly string[];
  readonly unitsMin: number;
  readonly #test: Engine;
  readonly #exec: Engine;
  #linear: LinearPattern | undefined;

  constructor(source: string, tree: PatternNode) {
    this.source = source;
    this.groupNames = groupNames(tree);
    this.unitsMin = lengthMin(tree);
    this.#test = engineFor(trimEdges(tree), false);
    this.#exec = capturesInLoop(tree) ? NO_ENGINE : engineFor(tree, true);
    // Made now, so that nothing can be wrong with it later.
    if (this.#test.unitsMax < 0 || this.#exec.unitsMax < 0) this.#linear = new LinearPattern(source);
  }

  test(text: string): boolean {
    return text.length <= this.#test.unitsMax ? this.#test.expression.test(text) : this.#fallback().test(text);
  }

  exec(text: string, from = 0): PatternMatch | null {
    if (text.length > this.#exec.unitsMax) return this.#fallback().exec(text, from);
    const { expression } = this.#exec;
    expression.lastIndex = from;
    const match = expression.exec(text);
    if (match === null) return null;
    return { start: match.index, end: expression.lastIndex, groups: match.length > 1 ? match.slice(1) : NO_GROUPS };
  }

  #fallback(): LinearPattern {
    return (this.#linear ??= new LinearPattern(this.source));
  }
}

const NO_GROUPS: readonly string[] = [];

interface Engine {
  readonly expression: RegExp;
  /** Longest text that it may get. */
  readonly unitsMax: number;
}

const NO_ENGINE: Engine = { expression: /(?:)/, unitsMax: -1 };

function engineFor(tree: PatternNode, capture: boolean): Engine {
  const automaton = automatonOf(tree);
  const growth = automaton === undefined ? 'unbounded' : backtrackingGrowth(automaton);
  const expression = growth === 'unbounded' ? undefined : toRegExp(tree, capture);
  if (expression === undefined) return NO_ENGINE;
  return { expression, unitsMax: growth === 'linear' ? LINEAR_UNITS_MAX : QUADRATIC_UNITS_MAX };
}

/** RE2's own algorithms in JavaScript: automata that never backtrack. */
class LinearPattern implements Pattern {
  readonly source: string;
  readonly groupNames: readonly string[];
  readonly unitsMin = 0;
  readonly #compiled: RE2JS;

  constructor(source: string) {
    this.source = source;
    try {
      this.#compiled = linearEngine().compile(source);
    } catch (error) {
      throw new PatternError(source, error);
    }
    const names = new Array<string>(this.#compiled.groupCount()).fill('');
    for (const [name, index] of Object.entries(this.#compiled.namedGroups())) names[index - 1] = name;
    this.groupNames = names;
  }

  test(text: string): boolean {
    return this.#compiled.test(text);
  }

  exec(text: string, from = 0): PatternMatch | null {
    const matcher = this.#compiled.matcher(text);
    if (!matcher.find(from)) return null;
    const groups = this.groupNames.map((_, index) => matcher.group(index + 1) ?? undefined);
    return { start: matcher.start(), end: matcher.end(), groups };
  }
}

let loaded: typeof RE2JS | undefined;

/** Loaded when a pattern needs it: most configurations have none that does, and it takes some milliseconds. */
function linearEngine(): typeof RE2JS {
  loaded ??= (createRequire(import.meta.url)('re2js') as { readonly RE2JS: typeof RE2JS }).RE2JS;
  return loaded;
}
