import { makeGetter, type Getter } from '../function/getter.ts';
import type { ArgumentSource, FunctionArgument, LambdaArgument } from '../function/parameter.ts';
import type { OttlErrorCode } from '../ottl-error.ts';
import { isBoolean, type Expression, type LambdaNode, type Span } from '../parse/syntax-tree.ts';
import type { Value } from '../value/value.ts';
import type { Compiled } from './compiled.ts';
import type { Evaluate, Frame } from './frame.ts';
import { failIn, type Scope } from './scope.ts';

/** Calls a converter by its name; throws OttlError when it does not take the values. */
export type CallByName = (name: string, values: readonly Getter<Value>[], at: Span, scope: Scope) => Evaluate<Value>;

export interface BoundSource extends ArgumentSource {
  /** Whether what was bound is the same for every record. */
  readonly isConstant: boolean;
}

/** An argument as it stands in a statement. `what` names the parameter in messages. */
export function argumentSource(node: Expression, scope: Scope, what: string, call: CallByName): BoundSource {
  let isConstant = true;
  const inner: BoundSource[] = [];
  return {
    node,
    get isConstant() {
      return isConstant && inner.every((each) => each.isConstant);
    },
    value: () => {
      const compiled = scope.compile(node, scope);
      if (compiled.constant === undefined) isConstant = false;
      return compiled;
    },
    items: () => {
      if (node.type !== 'list') return undefined;
      const items = node.items.map((item, i) => argumentSource(item, scope, `${what}[${i}]`, call));
      inner.push(...items);
      return items;
    },
    enum: () => {
      if (node.type !== 'name') return undefined;
      const { constant } = scope.compile(node, scope);
      return typeof constant === 'bigint' ? constant : undefined;
    },
    function: (): FunctionArgument => {
      isConstant = false;
      if (node.type !== 'name')
        return failIn(scope, node, {
          code: 'ARGUMENT_TYPE',
          message: `${what}: this is no function`,
          expected: 'the name of a converter, without parentheses',
        });
      const { name } = node;
      return { name, bind: (...values) => makeGetter(call(name, values, node, scope)) };
    },
    lambda: () => {
      isConstant = false;
      if (node.type !== 'lambda')
        return failIn(scope, node, {
          code: 'ARGUMENT_TYPE',
          message: `${what}: this is no lambda`,
          expected: 'a lambda such as (key, value) => value != nil',
        });
      return compileLambda(node, scope);
    },
    fail: (message: string, expected?: string, code: OttlErrorCode = 'ARGUMENT_TYPE') =>
      failIn(scope, node, { code, message: `${what}: ${message}`, expected }),
  };
}

/** A value that a function hands to another one. */
export function getterSource(getter: Getter<Value>, at: Span, scope: Scope, what: string): ArgumentSource {
  const compiled: Compiled = { get: (frame) => getter(frame), constant: getter.constant };
  const fail = (message: string, expected?: string, code: OttlErrorCode = 'ARGUMENT_TYPE'): never =>
    failIn(scope, at, { code, message: `${what}: ${message}`, expected });
  return {
    node: { type: 'literal', value: null, start: at.start, end: at.end },
    value: () => compiled,
    items: () => undefined,
    enum: () => undefined,
    function: () => fail('a value is no function'),
    lambda: () => fail('a value is no lambda'),
    fail,
  };
}

function compileLambda(node: LambdaNode, scope: Scope): LambdaArgument {
  const first = scope.localCount;
  const locals = new Map(scope.locals);
  for (const [i, name] of node.parameters.entries()) if (name !== '_') locals.set(name, first + i);
  const within: Scope = { ...scope, locals, localCount: first + node.parameters.length };
  const run: Evaluate<Value> = isBoolean(node.body)
    ? scope.compileCondition(node.body, within)
    : scope.compile(node.body, within).get;
  const arity = node.parameters.length;
  return {
    arity,
    run: (frame: Frame, values: readonly Value[]) => {
      for (let i = 0; i < arity; i++) frame.locals[first + i] = values[i];
      return run(frame);
    },
  };
}
