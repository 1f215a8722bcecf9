import type { CharsNode, PatternNode } from '../syntax-tree.ts';

/**
 * The steps that a plain backtracking search takes when nothing ever satisfies it: it tries every start and every path, as it has
 * to where a text does not match in the end. Stops counting at `stepsMax`. Case is not ignored.
 */
export function exhaustiveSteps(node: PatternNode, text: string, stepsMax: number): number {
  const search = new Search(text, stepsMax);
  for (let start = 0; start <= text.length && search.steps < stepsMax; start++)
    search.walk(node, start, () => undefined);
  return search.steps;
}

type Continue = (at: number) => void;

class Search {
  steps = 0;
  readonly #text: string;
  readonly #stepsMax: number;

  constructor(text: string, stepsMax: number) {
    this.#text = text;
    this.#stepsMax = stepsMax;
  }

  walk(node: PatternNode, at: number, next: Continue): void {
    if (++this.steps >= this.#stepsMax) return;
    switch (node.kind) {
      case 'empty':
        return next(at);
      case 'chars':
        return at < this.#text.length && includes(node, this.#text.charCodeAt(at)) ? next(at + 1) : undefined;
      case 'assertion':
        // Assertions other than this one are taken to hold: that only adds to the steps.
        return node.of === 'start' && at > 0 ? undefined : next(at);
      case 'capture':
        return this.walk(node.body, at, next);
      case 'concat':
        return this.#sequence(node.parts, 0, at, next);
      case 'alternate':
        for (const option of node.options) this.walk(option, at, next);
        return undefined;
      case 'repeat':
        return this.#repeat(node.body, node.min, node.max, at, next);
    }
  }

  #sequence(parts: readonly PatternNode[], index: number, at: number, next: Continue): void {
    if (index === parts.length) return next(at);
    return this.walk(parts[index], at, (end) => this.#sequence(parts, index + 1, end, next));
  }

  #repeat(body: PatternNode, min: number, max: number, at: number, next: Continue): void {
    if (max > 0) {
      this.walk(body, at, (end) => {
        // As in every engine, an optional round that reads nothing ends the loop.
        if (min > 0 || end > at) this.#repeat(body, Math.max(0, min - 1), max - 1, end, next);
      });
    }
    if (min === 0) next(at);
  }
}

function includes({ set, negated }: CharsNode, code: number): boolean {
  for (let i = 0; i < set.length; i += 2) if (code >= set[i] && code <= set[i + 1]) return !negated;
  return negated;
}
