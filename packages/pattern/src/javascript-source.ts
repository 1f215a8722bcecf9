import { ANY, type CharSet } from './char-set.ts';
import type { CharsNode, PatternNode } from './syntax-tree.ts';

/**
 * A JavaScript expression of the same meaning, with its flags. `capture` keeps groups, in order and without names (RE2 allows
 * names that JavaScript does not). Undefined where case is ignored in a part only.
 */
export function toRegExp(node: PatternNode, capture: boolean): RegExp | undefined {
  const folds = new Set<boolean>();
  collectFolds(node, folds);
  if (folds.size > 1) return undefined;
  return new RegExp(sourceOf(node, capture), `u${folds.has(true) ? 'i' : ''}${capture ? 'g' : ''}`);
}

function collectFolds(node: PatternNode, folds: Set<boolean>): void {
  switch (node.kind) {
    case 'chars':
      if (node.fold !== undefined) folds.add(node.fold);
      break;
    case 'concat':
      for (const part of node.parts) collectFolds(part, folds);
      break;
    case 'alternate':
      for (const option of node.options) collectFolds(option, folds);
      break;
    case 'repeat':
    case 'capture':
      collectFolds(node.body, folds);
      break;
    default:
  }
}

function sourceOf(node: PatternNode, capture: boolean): string {
  switch (node.kind) {
    case 'empty':
      return '(?:)';
    case 'chars':
      return charsSource(node);
    case 'assertion':
      return node.source;
    case 'concat':
      return node.parts.map((part) => wrapped(part, capture, part.kind === 'alternate')).join('');
    case 'alternate':
      return node.options.map((option) => sourceOf(option, capture)).join('|');
    case 'repeat': {
      const isUnit = node.body.kind === 'chars' || (node.body.kind === 'capture' && capture);
      return wrapped(node.body, capture, !isUnit) + quantifier(node.min, node.max) + (node.greedy ? '' : '?');
    }
    case 'capture':
      return capture ? `(${sourceOf(node.body, capture)})` : `(?:${sourceOf(node.body, capture)})`;
  }
}

function wrapped(node: PatternNode, capture: boolean, wrap: boolean): string {
  return wrap ? `(?:${sourceOf(node, capture)})` : sourceOf(node, capture);
}

function quantifier(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function charsSource({ set, negated }: CharsNode): string {
  if (set === ANY) return negated ? '[]' : '[^]';
  if (!negated && set.length === 2 && set[0] === set[1]) return literal(set[0]);
  return `[${negated ? '^' : ''}${classSource(set)}]`;
}

function classSource(set: CharSet): string {
  let source = '';
  for (let i = 0; i < set.length; i += 2) {
    source += literal(set[i]);
    if (set[i + 1] > set[i]) source += `-${literal(set[i + 1])}`;
  }
  return source;
}

/** Letters and digits as they are, everything else by number, so that nothing in a source has a meaning of its own. */
function literal(code: number): string {
  if (code > 0x7f) return `\\u{${code.toString(16)}}`;
  const char = String.fromCharCode(code);
  return /[A-Za-z0-9_]/.test(char) ? char : `\\x${code.toString(16).padStart(2, '0')}`;
}
