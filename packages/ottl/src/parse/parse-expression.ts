import { parsePrimary } from './parse-primary.ts';
import { isBoolean, type CompareOperator, type Expression, type MathOperator } from './syntax-tree.ts';
import type { TokenStream } from './token-stream.ts';

/** Deepest nesting of parentheses, calls, lists and maps. */
export const NESTING_MAX = 200;
/** Most operators of one statement; trees of them are as deep as they are many. */
const OPERATORS_MAX = 1000;

/*
 * One grammar for conditions and values, from loose to tight: or, and, not, comparison, + -, * /, sign, primary. Whether a
 * condition may stand where it stands is checked once it is there: so an opening parenthesis needs no guess, and parsing is
 * linear whatever the input.
 */

export function parseBoolean(tokens: TokenStream, depth: number): Expression {
  if (depth > NESTING_MAX)
    tokens.failAt(tokens.peek().start, 'LIMIT', `nested deeper than ${NESTING_MAX}`, 'a simpler statement');
  return parseLogic(tokens, depth, 'or');
}

function parseLogic(tokens: TokenStream, depth: number, type: 'and' | 'or'): Expression {
  const operand = (): Expression => (type === 'or' ? parseLogic(tokens, depth, 'and') : parseNot(tokens, depth));
  const first = operand();
  if (!tokens.is('lower', type)) return first;
  const operands = [first];
  while (tokens.accept('lower', type) !== undefined) operands.push(operand());
  for (const each of operands) requireCondition(each, type, tokens);
  return { type, operands, start: first.start, end: tokens.lastEnd };
}

function parseNot(tokens: TokenStream, depth: number): Expression {
  const starts: number[] = [];
  for (let token = tokens.accept('lower', 'not'); token !== undefined; token = tokens.accept('lower', 'not')) {
    countOperator(tokens);
    starts.push(token.start);
  }
  let node = parseComparison(tokens, depth);
  for (const start of starts.toReversed()) {
    requireCondition(node, 'not', tokens);
    node = { type: 'not', operand: node, start, end: tokens.lastEnd };
  }
  return node;
}

function requireCondition(node: Expression, operator: string, tokens: TokenStream): void {
  if (isBoolean(node) || node.type === 'call') return;
  if (node.type === 'literal' && typeof node.value === 'boolean') return;
  tokens.failAt(node.start, 'SYNTAX', `"${operator}" joins conditions, not values`, 'a comparison or a converter');
}

function parseComparison(tokens: TokenStream, depth: number): Expression {
  const left = parseSum(tokens, depth);
  const operator = tokens.accept('compare');
  if (operator === undefined) return left;
  requireValue(left, operator.text, tokens);
  const right = parseSum(tokens, depth);
  requireValue(right, operator.text, tokens);
  if (tokens.is('compare')) tokens.fail('comparisons do not chain', '"and" between two comparisons');
  return {
    type: 'compare',
    operator: operator.text as CompareOperator,
    left,
    right,
    start: left.start,
    end: tokens.lastEnd,
  };
}

function requireValue(node: Expression, operator: string, tokens: TokenStream): void {
  if (!isBoolean(node)) return;
  tokens.failAt(node.start, 'SYNTAX', `"${operator}" takes values, not conditions`, 'a path, a literal or a converter');
}

function parseSum(tokens: TokenStream, depth: number): Expression {
  let left = parseProduct(tokens, depth);
  while (tokens.is('sign')) left = parseOperation(tokens, left, () => parseProduct(tokens, depth));
  return left;
}

function parseProduct(tokens: TokenStream, depth: number): Expression {
  let left = parseSign(tokens, depth);
  while (tokens.is('factor')) left = parseOperation(tokens, left, () => parseSign(tokens, depth));
  return left;
}

function parseOperation(tokens: TokenStream, left: Expression, operand: () => Expression): Expression {
  const operator = tokens.take();
  countOperator(tokens);
  requireNumber(left, operator.text, tokens);
  const right = operand();
  requireNumber(right, operator.text, tokens);
  return {
    type: 'math',
    operator: operator.text as MathOperator,
    operatorAt: operator.start,
    left,
    right,
    start: left.start,
    end: tokens.lastEnd,
  };
}

function countOperator(tokens: TokenStream): void {
  if (++tokens.operators > OPERATORS_MAX)
    tokens.failAt(tokens.lastEnd, 'LIMIT', `more than ${OPERATORS_MAX} operators`, 'several statements');
}

const CALCULABLE = new Set(['path', 'call', 'math', 'negate', 'name']);

function requireNumber(node: Expression, operator: string, tokens: TokenStream): void {
  if (CALCULABLE.has(node.type)) return;
  if (node.type === 'literal' && (typeof node.value === 'bigint' || typeof node.value === 'number')) return;
  tokens.failAt(node.start, 'TYPE', `"${operator}" cannot calculate with this`, 'a number, a path or a converter');
}

const INT64_MAX = 2n ** 63n - 1n;

function parseSign(tokens: TokenStream, depth: number): Expression {
  const sign = tokens.accept('sign');
  const operand = parsePrimary(tokens, depth, parseBoolean);
  if (sign === undefined) {
    checkRange(operand, INT64_MAX, tokens);
    return operand;
  }
  requireNumber(operand, sign.text, tokens);
  const start = sign.start;
  if (sign.text === '+') {
    checkRange(operand, INT64_MAX, tokens);
    return operand;
  }
  if (operand.type !== 'literal') return { type: 'negate', operand, start, end: operand.end };
  checkRange(operand, INT64_MAX + 1n, tokens);
  return { ...operand, value: -(operand.value as bigint | number), start };
}

function checkRange(node: Expression, max: bigint, tokens: TokenStream): void {
  if (node.type !== 'literal' || typeof node.value !== 'bigint' || node.value <= max) return;
  tokens.failAt(node.start, 'LITERAL', `${node.value} does not fit into 64 bits`, `at most ${INT64_MAX}`);
}
