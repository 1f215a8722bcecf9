import { isBoolean, type ArgumentNode, type CallNode, type Expression } from './syntax-tree.ts';
import type { TokenStream } from './token-stream.ts';

/** Parses an expression at a depth: handed down, because it is made of what is parsed here. */
export type ParseExpression = (tokens: TokenStream, depth: number) => Expression;

/** `name(argument, name = argument)[key]...` */
export function parseCall(tokens: TokenStream, depth: number, inner: ParseExpression): CallNode {
  const name = tokens.take();
  tokens.expect('(', '(', 'a call has arguments');
  const list: ArgumentNode[] = [];
  while (!tokens.is(')')) {
    list.push(parseArgument(tokens, depth, inner));
    if (tokens.accept(',') === undefined) break;
    if (tokens.is(')')) tokens.fail('a call ends behind its last argument', 'an argument');
  }
  tokens.expect(')', '"," or ")"', `the call of ${name.text} is not closed`);
  const keys = parseKeys(tokens, depth, inner);
  return { type: 'call', name: name.text, arguments: list, keys, start: name.start, end: tokens.lastEnd };
}

function parseArgument(tokens: TokenStream, depth: number, inner: ParseExpression): ArgumentNode {
  const first = tokens.peek();
  let name: string | undefined;
  if (first.kind === 'lower' && tokens.peek(1).kind === '=') {
    name = first.text;
    tokens.take();
    tokens.take();
  }
  const value = inner(tokens, depth + 1);
  if (isBoolean(value))
    tokens.failAt(value.start, 'SYNTAX', 'a condition is no argument', 'a value, or a lambda such as (v) => v > 1');
  return { name, value, start: first.start, end: tokens.lastEnd };
}

/** `["key"]`, `[0]` or `[expression]`, any number of them. */
export function parseKeys(tokens: TokenStream, depth: number, inner: ParseExpression): Expression[] {
  const keys: Expression[] = [];
  while (tokens.accept('[') !== undefined) {
    const key = inner(tokens, depth + 1);
    if (!isKey(key))
      tokens.failAt(key.start, 'SYNTAX', 'this is no key', 'a string, an integer, a path or a converter');
    tokens.expect(']', ']', 'an index is not closed');
    keys.push(key);
  }
  return keys;
}

function isKey(node: Expression): boolean {
  if (node.type === 'literal') return typeof node.value === 'string' || typeof node.value === 'bigint';
  return node.type === 'path' || node.type === 'call' || node.type === 'math' || node.type === 'negate';
}
