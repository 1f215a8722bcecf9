import { parseCall, parseKeys, type ParseExpression } from './parse-call.ts';
import { stringOf } from './string-literal.ts';
import { isBoolean, type Expression, type FieldNode, type MapNode } from './syntax-tree.ts';
import type { TokenStream } from './token-stream.ts';

const RESERVED = new Set(['and', 'or', 'not', 'where']);

/** A literal, a path, a converter, a name, a list, a map, a lambda, or anything in parentheses. */
export function parsePrimary(tokens: TokenStream, depth: number, inner: ParseExpression): Expression {
  const token = tokens.peek();
  const { start, end } = token;
  switch (token.kind) {
    case 'string':
      tokens.take();
      return { type: 'literal', value: stringOf(token, tokens.source), start, end };
    case 'int':
      tokens.take();
      return { type: 'literal', value: BigInt(token.text), start, end };
    case 'float':
      tokens.take();
      return { type: 'literal', value: Number(token.text), start, end };
    case 'bytes':
      if (token.text.length % 2 !== 0)
        tokens.failAt(start, 'LITERAL', `${token.text} has half a byte`, 'an even number of hex digits');
      tokens.take();
      return { type: 'literal', value: Uint8Array.from(Buffer.from(token.text.slice(2), 'hex')), start, end };
    case 'upper':
      if (tokens.peek(1).kind === '(') return parseCall(tokens, depth, inner);
      tokens.take();
      return { type: 'name', name: token.text, start, end };
    case 'lower':
      return parseLowercase(tokens);
    case '(':
      return isLambda(tokens) ? parseLambda(tokens, depth, inner) : parseGroup(tokens, depth, inner);
    case '[':
      return parseList(tokens, depth, inner);
    case '{':
      return parseMap(tokens, depth, inner);
    default:
      return tokens.fail('a value is missing', 'a path, a literal, a converter, a list or a map');
  }

  function parseLowercase(tokens: TokenStream): Expression {
    const { text } = token;
    if (text === 'true' || text === 'false' || text === 'nil') {
      tokens.take();
      return { type: 'literal', value: text === 'nil' ? null : text === 'true', start, end };
    }
    if (RESERVED.has(text)) return tokens.fail('a value is missing', 'a path, a literal or a converter');
    if (tokens.peek(1).kind === '(')
      tokens.failAt(start, 'WRONG_KIND', `a converter begins with an uppercase letter, ${text} does not`);
    return parsePath(tokens, depth, inner);
  }
}

function parsePath(tokens: TokenStream, depth: number, inner: ParseExpression): Expression {
  const start = tokens.peek().start;
  const fields: FieldNode[] = [];
  do {
    const name = tokens.expect('lower', 'a name in lowercase', 'a path goes on with a field');
    if (/[A-Z]/.test(name.text))
      tokens.failAt(name.start, 'UNKNOWN_PATH', `paths are in lowercase, "${name.text}" is not`);
    const keys = parseKeys(tokens, depth, inner);
    fields.push({ name: name.text, keys, start: name.start, end: tokens.lastEnd });
  } while (tokens.accept('.') !== undefined);
  return { type: 'path', fields, start, end: tokens.lastEnd };
}

function parseGroup(tokens: TokenStream, depth: number, inner: ParseExpression): Expression {
  tokens.take();
  const grouped = inner(tokens, depth + 1);
  tokens.expect(')', ')', 'a parenthesis is not closed');
  return grouped;
}

/** Whether `(a, b) =>` follows. */
function isLambda(tokens: TokenStream): boolean {
  let ahead = 1;
  if (tokens.peek(ahead).kind !== ')') {
    for (;;) {
      const kind = tokens.peek(ahead++).kind;
      if (kind !== 'lower' && kind !== 'blank') return false;
      if (tokens.peek(ahead).kind !== ',') break;
      ahead++;
    }
    if (tokens.peek(ahead).kind !== ')') return false;
  }
  return tokens.peek(ahead + 1).kind === '=>';
}

function parseLambda(tokens: TokenStream, depth: number, inner: ParseExpression): Expression {
  const { start } = tokens.take();
  const parameters: string[] = [];
  while (!tokens.is(')')) {
    const name = tokens.take();
    if (name.kind !== 'blank' && parameters.includes(name.text))
      tokens.failAt(name.start, 'SYNTAX', `the lambda has two parameters named ${name.text}`, 'another name, or _');
    parameters.push(name.text);
    tokens.accept(',');
  }
  tokens.take();
  tokens.take();
  const body = inner(tokens, depth + 1);
  return { type: 'lambda', parameters, body, start, end: body.end };
}

function parseList(tokens: TokenStream, depth: number, inner: ParseExpression): Expression {
  const { start } = tokens.take();
  const items: Expression[] = [];
  while (!tokens.is(']')) {
    items.push(parseElement(tokens, depth, inner));
    if (tokens.accept(',') === undefined) break;
    if (tokens.is(']')) tokens.fail('a list ends behind its last value', 'a value');
  }
  tokens.expect(']', '"," or "]"', 'a list is not closed');
  return { type: 'list', items, start, end: tokens.lastEnd };
}

function parseMap(tokens: TokenStream, depth: number, inner: ParseExpression): Expression {
  const { start } = tokens.take();
  const entries: { key: string; value: Expression }[] = [];
  while (!tokens.is('}')) {
    const key = tokens.expect('string', 'a key in double quotes, or "}"', 'a map has keys');
    tokens.expect(':', ':', 'a key is followed by its value');
    entries.push({ key: stringOf(key, tokens.source), value: parseElement(tokens, depth, inner) });
    // The comma may be left out, and one may come behind the last.
    tokens.accept(',');
  }
  tokens.take();
  return { type: 'map', entries, start, end: tokens.lastEnd } satisfies MapNode;
}

function parseElement(tokens: TokenStream, depth: number, inner: ParseExpression): Expression {
  const value = inner(tokens, depth + 1);
  if (isBoolean(value)) tokens.failAt(value.start, 'SYNTAX', 'a condition is no value', 'a value');
  if (value.type === 'lambda') tokens.failAt(value.start, 'SYNTAX', 'a lambda can only be an argument', 'a value');
  return value;
}
