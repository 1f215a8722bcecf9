import { OttlRuntimeError } from '../ottl-error.ts';
import type { Expression } from '../parse/syntax-tree.ts';
import { typeName } from '../value/value.ts';
import { compileComparison } from './compile-comparison.ts';
import type { Evaluate } from './frame.ts';
import { attempt, type Scope } from './scope.ts';

const never = (): boolean => false;

/** Compiles what stands behind `where`. Mistakes go to the scope's list. */
export function compileCondition(node: Expression, scope: Scope): Evaluate<boolean> {
  switch (node.type) {
    case 'and':
      return joined(node.operands, scope, all);
    case 'or':
      return joined(node.operands, scope, any);
    case 'not': {
      const operand = compileCondition(node.operand, scope);
      return (frame) => !operand(frame);
    }
    case 'compare':
      return attempt(scope, () => compileComparison(node, scope), never);
    default:
      return attempt(scope, () => compileBool(node, scope), never);
  }
}

function compileBool(node: Expression, scope: Scope): Evaluate<boolean> {
  const { get, constant } = scope.compile(node, scope);
  if (typeof constant === 'boolean') return () => constant;
  return (frame) => {
    const value = get(frame);
    if (typeof value === 'boolean') return value;
    throw new OttlRuntimeError(`a converter alone as condition must return bool, not ${typeName(value)}`);
  };
}

type Join = (a: Evaluate<boolean>, b: Evaluate<boolean>) => Evaluate<boolean>;

const all: Join = (a, b) => (frame) => a(frame) && b(frame);
const any: Join = (a, b) => (frame) => a(frame) || b(frame);

/** Pairs, so that each function calls two fixed ones: faster than a loop over a list. Short chains are what people write. */
function joined(nodes: readonly Expression[], scope: Scope, join: Join): Evaluate<boolean> {
  return pairUp(
    nodes.map((node) => compileCondition(node, scope)),
    join,
  );
}

function pairUp(conditions: readonly Evaluate<boolean>[], join: Join): Evaluate<boolean> {
  if (conditions.length === 1) return conditions[0];
  const middle = conditions.length >> 1;
  return join(pairUp(conditions.slice(0, middle), join), pairUp(conditions.slice(middle), join));
}

/** True when one of them is; what one throws is thrown. False for none. */
export function anyOf(conditions: readonly Evaluate<boolean>[]): Evaluate<boolean> {
  return conditions.length === 0 ? never : pairUp(conditions, any);
}
