import { nearestName } from '../nearest-name.ts';
import type { Expression, ListNode, MapNode, MathNode, NameNode } from '../parse/syntax-tree.ts';
import { CALCULATIONS, negate } from '../value/calculate.ts';
import { typeOf, type Value } from '../value/value.ts';
import { compileCondition } from './compile-condition.ts';
import { compileCall } from './compile-call.ts';
import { compilePath } from './compile-path.ts';
import { constantOf, type Compiled } from './compiled.ts';
import type { Evaluate } from './frame.ts';
import { failIn, type Scope } from './scope.ts';

/** Compiles a value; parts that are the same for every record are computed here. Throws OttlError. */
export function compileValue(node: Expression, scope: Scope): Compiled {
  switch (node.type) {
    case 'literal':
      return constantOf(node.value, typeOf(node.value));
    case 'name':
      return compileName(node, scope);
    case 'path':
      return compilePath(node, scope);
    case 'call':
      return compileCall(node, scope);
    case 'list':
      return compileList(node, scope);
    case 'map':
      return compileMap(node, scope);
    case 'math':
      return compileMath(node, scope);
    case 'negate': {
      const { get, constant } = compileValue(node.operand, scope);
      return folded((frame) => negate(get(frame)), [constant]);
    }
    case 'lambda':
      return failIn(scope, node, {
        code: 'SYNTAX',
        message: 'a lambda can only be the argument of a function that takes one',
      });
    default:
      return { get: compileCondition(node, scope), type: 'bool' };
  }
}

/** The enums of the context. */
export function findEnum(name: string, scope: Scope): bigint | undefined {
  const { enums } = scope.context;
  return Object.hasOwn(enums, name) ? enums[name] : undefined;
}

function compileName(node: NameNode, scope: Scope): Compiled {
  const value = findEnum(node.name, scope);
  if (value !== undefined) return constantOf(value, 'int');
  if (scope.registry.has(node.name))
    return failIn(scope, node, {
      code: 'SYNTAX',
      message: `${node.name} is a converter and is not called here`,
      expected: `${node.name}(...)`,
    });
  return failIn(scope, node, {
    code: 'UNKNOWN_ENUM',
    message: `the context ${scope.context.name} has no enum ${node.name}`,
    suggestion: nearestName(node.name, Object.keys(scope.context.enums)),
  });
}

function compileList(node: ListNode, scope: Scope): Compiled {
  const items = node.items.map((item) => compileValue(item, scope));
  const getters = items.map((item) => item.get);
  return {
    ...folded(
      (frame) => getters.map((get) => get(frame)),
      items.map((item) => item.constant),
    ),
    type: 'list',
  };
}

function compileMap(node: MapNode, scope: Scope): Compiled {
  const entries = node.entries.map(({ key, value }) => ({ key, value: compileValue(value, scope) }));
  const get: Evaluate<Value> = (frame) => {
    const map = new Map<string, Value>();
    for (const { key, value } of entries) map.set(key, value.get(frame));
    return map;
  };
  return {
    ...folded(
      get,
      entries.map(({ value }) => value.constant),
    ),
    type: 'map',
  };
}

const NUMBERS = new Set(['int', 'float', 'time', 'duration']);

function compileMath(node: MathNode, scope: Scope): Compiled {
  const left = compileValue(node.left, scope);
  const right = compileValue(node.right, scope);
  for (const [side, { type, constant }] of [[node.left, left] as const, [node.right, right] as const])
    if ((type !== undefined && !NUMBERS.has(type)) || constant === null)
      failIn(scope, side, {
        code: 'TYPE',
        message: `"${node.operator}" cannot calculate with ${constant === null ? 'nil' : `a ${type}`}`,
        expected: 'an int, a float, a time or a duration',
      });
  const calculate = CALCULATIONS[node.operator];
  const a = left.get;
  const b = right.get;
  return folded((frame) => calculate(a(frame), b(frame)), [left.constant, right.constant]);
}

/** Computes a value once when everything that it is made of is constant. What throws is left to be thrown for each record. */
export function folded(get: Evaluate<Value>, parts: readonly (Value | undefined)[]): Compiled {
  if (parts.some((part) => part === undefined)) return { get };
  try {
    // Constants do not look at the frame.
    const value = get(undefined as never);
    return constantOf(value, value === null ? undefined : typeOf(value));
  } catch {
    return { get };
  }
}
