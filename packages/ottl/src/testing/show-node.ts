import type { Expression, StatementNode } from '../parse/syntax-tree.ts';

/** A syntax tree as text in which nesting is visible: `(+ 1 (* a 2))`. Ints have an n behind them. */
export function showNode(node: StatementNode | Expression): string {
  if (!('type' in node)) {
    const editor = showNode(node.editor);
    return node.where === undefined ? editor : `${editor} where ${showNode(node.where)}`;
  }
  switch (node.type) {
    case 'literal':
      return showLiteral(node.value);
    case 'name':
      return `#${node.name}`;
    case 'path':
      return node.fields.map(({ name, keys }) => name + showKeys(keys)).join('.');
    case 'list':
      return `[${node.items.map(showNode).join(', ')}]`;
    case 'map':
      return `{${node.entries.map(({ key, value }) => `${key}: ${showNode(value)}`).join(', ')}}`;
    case 'call': {
      const given = node.arguments.map(({ name, value }) => (name === undefined ? '' : `${name}=`) + showNode(value));
      return `${node.name}(${given.join(', ')})${showKeys(node.keys)}`;
    }
    case 'math':
    case 'compare':
      return `(${node.operator} ${showNode(node.left)} ${showNode(node.right)})`;
    case 'negate':
      return `(- ${showNode(node.operand)})`;
    case 'not':
      return `(not ${showNode(node.operand)})`;
    case 'and':
    case 'or':
      return `(${node.type} ${node.operands.map(showNode).join(' ')})`;
    case 'lambda':
      return `(${node.parameters.join(', ')}) => ${showNode(node.body)}`;
  }
}

function showKeys(keys: readonly Expression[]): string {
  return keys.map((key) => `[${showNode(key)}]`).join('');
}

function showLiteral(value: string | bigint | number | boolean | null | Uint8Array): string {
  if (value === null) return 'nil';
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'string' ? JSON.stringify(value) : Object.is(value, -0) ? '-0' : String(value);
}
