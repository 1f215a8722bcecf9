import { parseCall } from './parse-call.ts';
import { parseBoolean } from './parse-expression.ts';
import { isBoolean, type Expression, type StatementNode } from './syntax-tree.ts';
import { TokenStream } from './token-stream.ts';

/** Parses `editor(...)`, with or without `where ...`. Throws OttlError. */
export function parseStatement(source: string): StatementNode {
  const tokens = new TokenStream(source);
  const first = tokens.peek();
  if (first.kind === 'upper' && tokens.peek(1).kind === '(')
    tokens.failAt(
      first.start,
      'WRONG_KIND',
      `a statement is an editor, which begins with a lowercase letter, not ${first.text}`,
    );
  if (first.kind !== 'lower' || tokens.peek(1).kind !== '(')
    tokens.fail('a statement begins with an editor', 'a call such as set(...)');
  const editor = parseCall(tokens, 0, parseBoolean);
  if (editor.keys.length > 0)
    tokens.failAt(
      editor.keys[0].start,
      'SYNTAX',
      `only paths and converters can be indexed, not the editor ${editor.name}`,
    );
  let where: Expression | undefined;
  if (tokens.accept('lower', 'where') !== undefined) where = parseCondition(tokens);
  if (!tokens.is('end')) tokens.fail('a statement ends behind its editor', '"where" or the end');
  return { editor, where, start: editor.start, end: tokens.lastEnd };
}

/** Parses what may stand behind `where`. */
export function parseConditionText(source: string): Expression {
  const tokens = new TokenStream(source);
  const condition = parseCondition(tokens);
  if (!tokens.is('end')) tokens.fail('a condition ends here', '"and", "or" or the end');
  return condition;
}

/** Parses a value: a path, a literal, a converter, mathematics, ... */
export function parseValueText(source: string): Expression {
  const tokens = new TokenStream(source);
  const value = parseBoolean(tokens, 0);
  if (isBoolean(value)) tokens.failAt(value.start, 'SYNTAX', 'a condition is no value');
  if (!tokens.is('end')) tokens.fail('a value ends here', 'an operator or the end');
  return value;
}

function parseCondition(tokens: TokenStream): Expression {
  const condition = parseBoolean(tokens, 0);
  if (tokens.is('=')) tokens.fail('one "=" compares nothing', '==');
  checkCondition(condition, tokens);
  return condition;
}

/** Comparisons, true, false and converters are conditions; other values are not. */
export function checkCondition(node: Expression, tokens: TokenStream): void {
  if (node.type === 'and' || node.type === 'or') for (const each of node.operands) checkCondition(each, tokens);
  else if (node.type === 'not') checkCondition(node.operand, tokens);
  else if (node.type === 'compare' || node.type === 'call') return;
  else if (node.type === 'literal' && typeof node.value === 'boolean') return;
  else
    tokens.failAt(
      node.start,
      'SYNTAX',
      `"${tokens.source.slice(node.start, Math.min(node.end, node.start + 60))}" alone is no condition`,
      'a comparison, for instance with == true or != nil, or a converter',
    );
}
