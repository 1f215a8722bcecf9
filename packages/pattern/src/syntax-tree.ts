import type { CharSet } from './char-set.ts';

/** A regular expression, parsed. */
export type PatternNode =
  | { readonly kind: 'empty' }
  | CharsNode
  /** Consumes nothing; `source` is JavaScript. */
  | { readonly kind: 'assertion'; readonly of: 'start' | 'other'; readonly source: string }
  | { readonly kind: 'concat'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'alternate'; readonly options: readonly PatternNode[] }
  | RepeatNode
  | { readonly kind: 'capture'; readonly body: PatternNode; readonly name: string };

/** One code point of a set. */
export interface CharsNode {
  readonly kind: 'chars';
  /** What may match: with `fold`, before case is ignored. */
  readonly set: CharSet;
  /** Written as everything but `set`. */
  readonly negated: boolean;
  /** Whether case is ignored; undefined where it makes no difference. */
  readonly fold: boolean | undefined;
}

export interface RepeatNode {
  readonly kind: 'repeat';
  readonly body: PatternNode;
  readonly min: number;
  /** Infinity where there is no bound. */
  readonly max: number;
  readonly greedy: boolean;
}

export const EMPTY: PatternNode = { kind: 'empty' };

export function concat(parts: readonly PatternNode[]): PatternNode {
  const rest = parts.filter((part) => part.kind !== 'empty');
  return rest.length === 0 ? EMPTY : rest.length === 1 ? rest[0] : { kind: 'concat', parts: rest };
}

/** The names of the groups in order of their opening brackets; '' for those without one. */
export function groupNames(node: PatternNode, names: string[] = []): string[] {
  switch (node.kind) {
    case 'capture':
      names.push(node.name);
      groupNames(node.body, names);
      break;
    case 'repeat':
      groupNames(node.body, names);
      break;
    case 'concat':
      for (const part of node.parts) groupNames(part, names);
      break;
    case 'alternate':
      for (const option of node.options) groupNames(option, names);
      break;
    default:
  }
  return names;
}

/** The fewest code points that can match. */
export function lengthMin(node: PatternNode): number {
  switch (node.kind) {
    case 'chars':
      return 1;
    case 'capture':
      return lengthMin(node.body);
    case 'repeat':
      return node.min * lengthMin(node.body);
    case 'concat':
      return node.parts.reduce((sum, part) => sum + lengthMin(part), 0);
    case 'alternate':
      return Math.min(...node.options.map((option) => lengthMin(option)));
    default:
      return 0;
  }
}

/** Whether a group is captured within something that may be repeated: engines differ in what they then report. */
export function capturesInLoop(node: PatternNode, inLoop = false): boolean {
  switch (node.kind) {
    case 'capture':
      return inLoop || capturesInLoop(node.body, inLoop);
    case 'repeat':
      return capturesInLoop(node.body, inLoop || node.max > 1);
    case 'concat':
      return node.parts.some((part) => capturesInLoop(part, inLoop));
    case 'alternate':
      return node.options.some((option) => capturesInLoop(option, inLoop));
    default:
      return false;
  }
}

/** Whether a match can only begin where the text does. */
export function startsAtStart(node: PatternNode): boolean {
  switch (node.kind) {
    case 'assertion':
      return node.of === 'start';
    case 'concat':
      return startsAtStart(node.parts[0]);
    case 'alternate':
      return node.options.every((option) => startsAtStart(option));
    case 'capture':
      return startsAtStart(node.body);
    default:
      return false;
  }
}
