import { concat, EMPTY, type PatternNode } from './syntax-tree.ts';

/**
 * A pattern that matches somewhere in exactly the same texts, without what its edges may do beyond the least: `.*error.*` needs no
 * more than `error`, `\s+$` no more than `\s$`. What can be left out never has to be searched for, which turns most quadratic
 * searches into linear ones.
 */
export function trimEdges(node: PatternNode): PatternNode {
  return trim(trim(node, 'end'), 'start');
}

function trim(node: PatternNode, edge: 'start' | 'end'): PatternNode {
  switch (node.kind) {
    case 'capture':
      return trim(node.body, edge);
    case 'alternate':
      return { kind: 'alternate', options: node.options.map((option) => trim(option, edge)) };
    case 'repeat':
      if (node.min === 0) return EMPTY;
      return node.min === 1 ? trim(node.body, edge) : { ...node, max: node.min };
    case 'concat': {
      const parts = [...node.parts];
      while (parts.length > 0) {
        const at = edge === 'start' ? 0 : parts.length - 1;
        const trimmed = trim(parts[at], edge);
        if (trimmed.kind !== 'empty') {
          parts[at] = trimmed;
          break;
        }
        parts.splice(at, 1);
      }
      return concat(parts);
    }
    default:
      return node;
  }
}
