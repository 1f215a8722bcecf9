import type { ConfigNode } from './node.ts';

const SHOWN_MAX = 40;

/** What a value is, for messages: `the text "abc"`, `the number 5`, `a list`. */
export function describeNode(node: ConfigNode): string {
  switch (node.kind) {
    case 'list':
      return 'a list';
    case 'map':
      return 'a map';
    case 'invalid':
      return 'nothing';
    case 'scalar':
      if (node.value === null) return 'nothing';
      if (typeof node.value === 'string') return `the text ${quoted(node.text)}`;
      return typeof node.value === 'boolean' ? node.text : `the number ${node.text}`;
  }
}

/** What a value is, without saying it. */
export function describeKind(node: ConfigNode): string {
  if (node.kind !== 'scalar' || node.value === null) return describeNode(node);
  return typeof node.value === 'string' ? 'text' : typeof node.value === 'boolean' ? 'a boolean' : 'a number';
}

/** A value in quotes, on one line, not longer than a line can take. */
export function quoted(text: string): string {
  return JSON.stringify(text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX - 1)}…`);
}
