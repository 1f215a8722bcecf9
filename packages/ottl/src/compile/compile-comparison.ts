import { key as wireKey, type AttributesView, type Key } from '@millrace/otlp';
import type { CompareNode, CompareOperator } from '../parse/syntax-tree.ts';
import { readAttribute } from '../value/attribute-values.ts';
import { COMPARISONS, MIRRORED, type Comparison } from '../value/compare-values.ts';
import type { Value } from '../value/value.ts';
import type { Compiled } from './compiled.ts';
import type { Evaluate } from './frame.ts';
import type { Scope } from './scope.ts';

/** Compiles a comparison to the fastest form that fits; see benchmarks/micro/ottl.ts for what each is worth. */
export function compileComparison(node: CompareNode, scope: Scope): Evaluate<boolean> {
  const left = scope.compile(node.left, scope);
  const right = scope.compile(node.right, scope);
  const { operator } = node;
  const compare = COMPARISONS[operator];
  if (left.constant !== undefined && right.constant !== undefined) {
    const result = compare(left.constant, right.constant);
    return () => result;
  }
  if (right.constant !== undefined) return withConstant(left, operator, right.constant);
  if (left.constant !== undefined) return withConstant(right, MIRRORED[operator], left.constant);
  if (left.small !== undefined && right.small !== undefined) return smalls(left.small, operator, right.small);
  const a = left.get;
  const b = right.get;
  return (frame) => compare(a(frame), b(frame));
}

function withConstant(side: Compiled, operator: CompareOperator, constant: Value): Evaluate<boolean> {
  const { get, small, text, attribute, field } = side;
  if (small !== undefined && isSmall(constant))
    return smalls(small, operator, () => Number(constant), Number(constant));
  if (typeof constant === 'string' && (operator === '==' || operator === '!=')) {
    const isEqual = operator === '==';
    if (text !== undefined) return (frame) => (text(frame) === constant) === isEqual;
    const key = wireKey(constant);
    if (attribute !== undefined) return attributeIs(attribute.of, attribute.key, key, isEqual);
    if (field !== undefined) return (frame) => field(frame).equalsString(key) === isEqual;
  }
  if (attribute !== undefined) return attributeWith(attribute.of, attribute.key, operator, constant);
  if (constant === null && field !== undefined && (operator === '==' || operator === '!=')) {
    const isEqual = operator === '==';
    return (frame) => (field(frame).kind === 'empty') === isEqual;
  }
  const compare = COMPARISONS[operator];
  return (frame) => compare(get(frame), constant);
}

function isSmall(value: Value): boolean {
  return typeof value === 'number' || (typeof value === 'bigint' && Number.isSafeInteger(Number(value)));
}

/** Ints that fit into numbers compare as these, without a bigint for each record. */
function smalls(
  a: Evaluate<number>,
  operator: CompareOperator,
  b: Evaluate<number>,
  constant?: number,
): Evaluate<boolean> {
  if (constant !== undefined) return smallWith(a, operator, constant);
  switch (operator) {
    case '==':
      return (frame) => a(frame) === b(frame);
    case '!=':
      return (frame) => a(frame) !== b(frame);
    case '<':
      return (frame) => a(frame) < b(frame);
    case '<=':
      return (frame) => a(frame) <= b(frame);
    case '>':
      return (frame) => a(frame) > b(frame);
    case '>=':
      return (frame) => a(frame) >= b(frame);
  }
}

function smallWith(a: Evaluate<number>, operator: CompareOperator, b: number): Evaluate<boolean> {
  switch (operator) {
    case '==':
      return (frame) => a(frame) === b;
    case '!=':
      return (frame) => a(frame) !== b;
    case '<':
      return (frame) => a(frame) < b;
    case '<=':
      return (frame) => a(frame) <= b;
    case '>':
      return (frame) => a(frame) > b;
    case '>=':
      return (frame) => a(frame) >= b;
  }
}

function attributeIs(of: Evaluate<AttributesView>, key: Key, expected: Key, isEqual: boolean): Evaluate<boolean> {
  if (isEqual) return (frame) => of(frame).equalsString(key, expected);
  return (frame) => !of(frame).equalsString(key, expected);
}

/** An attribute with a constant: its kind on the wire decides most comparisons without a value. */
function attributeWith(
  of: Evaluate<AttributesView>,
  key: Key,
  operator: CompareOperator,
  constant: Value,
): Evaluate<boolean> {
  const compare = COMPARISONS[operator];
  const otherwise = operator === '!=';
  if (constant === null) {
    const ifNil = compare(null, null);
    return (frame) => {
      const kind = of(frame).kind(key);
      return kind === undefined || kind === 'empty' ? ifNil : otherwise;
    };
  }
  if (typeof constant === 'bigint' && isSmall(constant)) return attributeWithInt(of, key, operator, constant);
  if (typeof constant === 'boolean') {
    return (frame) => {
      const attributes = of(frame);
      return attributes.kind(key) === 'bool' ? compare(attributes.get(key) as boolean, constant) : otherwise;
    };
  }
  return (frame) => compare(readAttribute(of(frame), key) ?? null, constant);
}

function attributeWithInt(
  of: Evaluate<AttributesView>,
  key: Key,
  operator: CompareOperator,
  constant: bigint,
): Evaluate<boolean> {
  const compare: Comparison = COMPARISONS[operator];
  const otherwise = operator === '!=';
  const small = Number(constant);
  return (frame) => {
    const value = of(frame).getNumber(key);
    if (value === undefined) return otherwise;
    return typeof value === 'bigint' ? compare(value, constant) : compare(value, small);
  };
}
