import type { FunctionEnvironment, OttlFunction } from '../function/define-function.ts';
import type { Getter } from '../function/getter.ts';
import type { ArgumentSource, Parameter } from '../function/parameter.ts';
import { nearestName } from '../nearest-name.ts';
import { OttlError } from '../ottl-error.ts';
import type { ArgumentNode, CallNode, Span } from '../parse/syntax-tree.ts';
import { typeOf, type Value } from '../value/value.ts';
import { argumentSource, type BoundSource, getterSource } from './argument-source.ts';
import { compileKeys } from './compile-keys.ts';
import { indexed } from './compile-path.ts';
import { constantOf, type Compiled, type WriteText } from './compiled.ts';
import type { Evaluate } from './frame.ts';
import { failIn, type Scope } from './scope.ts';

/** Compiles the call of a converter, with what its result is indexed by. Throws OttlError. */
export function compileCall(node: CallNode, scope: Scope): Compiled {
  const called = findFunction(node.name, 'converter', node, scope);
  const sources: BoundSource[] = [];
  const get = makeFunction(called, node, scope, sources) as Evaluate<Value>;
  const isConstant = called.pure !== false && sources.every((source) => source.isConstant);
  const call = isConstant ? fold(get, called) : { get, type: called.returns, write: (get as WritingEvaluate).write };
  if (node.keys.length === 0) return call;
  const keys = compileKeys(node.keys, scope);
  const result = indexed(call, keys);
  return call.constant !== undefined && keys.constant !== undefined ? fold(result.get, undefined) : result;
}

/** What a converter's `make` returns, when its string can be written without making it. */
interface WritingEvaluate extends Evaluate<Value> {
  readonly write?: WriteText;
}

function fold(get: Evaluate<Value>, called: OttlFunction | undefined): Compiled {
  try {
    const value = get(undefined as never);
    return constantOf(value, value === null ? called?.returns : typeOf(value));
  } catch {
    return { get, type: called?.returns };
  }
}

/** Compiles the call of an editor. Throws OttlError. */
export function compileEditor(node: CallNode, scope: Scope): Evaluate<Value> | Evaluate<void> {
  return makeFunction(findFunction(node.name, 'editor', node, scope), node, scope, []);
}

export function findFunction(name: string, kind: OttlFunction['kind'], at: Span, scope: Scope): OttlFunction {
  const called = scope.registry.get(name);
  const usable = [...scope.registry.values()].filter((each) => each.kind === kind && isUsable(each, scope));
  if (called === undefined)
    return failIn(scope, at, {
      code: 'UNKNOWN_FUNCTION',
      message: `there is no ${kind} ${name}`,
      suggestion: nearestName(
        name,
        usable.map((each) => each.name),
      ),
    });
  if (!isUsable(called, scope))
    failIn(scope, at, {
      code: 'CONTEXT',
      message: `${name} cannot be used in the context ${scope.context.name}`,
      expected: `the context ${called.contexts!.join(' or ')}`,
    });
  return called;
}

function isUsable(called: OttlFunction, scope: Scope): boolean {
  return called.contexts === undefined || called.contexts.includes(scope.context.name);
}

function makeFunction(called: OttlFunction, node: CallNode, scope: Scope, sources: BoundSource[]) {
  const given = matchArguments(called, node, scope);
  const values: Record<string, unknown> = {};
  const mistakes: OttlError[] = [];
  for (const [name, parameter] of Object.entries(called.params)) {
    const argument = given.get(name);
    if (argument === undefined) {
      values[name] = parameter.absent;
      continue;
    }
    const source = argumentSource(argument.value, scope, `${called.name}: ${name}`, callByName);
    sources.push(source);
    try {
      values[name] = parameter.bind(source);
    } catch (error) {
      if (!(error instanceof OttlError)) throw error;
      mistakes.push(error);
    }
  }
  if (mistakes.length > 0) {
    scope.errors.push(...mistakes.slice(1));
    throw mistakes[0];
  }
  return make(called, values, node, scope);
}

function make(called: OttlFunction, values: Readonly<Record<string, unknown>>, at: Span, scope: Scope) {
  const environment: FunctionEnvironment = scope.environment;
  try {
    return called.make(values, environment);
  } catch (error) {
    if (error instanceof OttlError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return failIn(scope, at, { code: 'ARGUMENT_TYPE', message: `${called.name}: ${reason}`, cause: error });
  }
}

/** The argument of each parameter: by place first, then by name. */
function matchArguments(called: OttlFunction, node: CallNode, scope: Scope): Map<string, ArgumentNode> {
  const names = Object.keys(called.params);
  const given = new Map<string, ArgumentNode>();
  const parameters: Readonly<Record<string, Parameter<unknown>>> = called.params;
  let isNamed = false;
  for (const [i, argument] of node.arguments.entries()) {
    if (argument.name !== undefined) isNamed = true;
    else if (isNamed)
      failIn(scope, argument, {
        code: 'ARGUMENT_NAME',
        message: 'an argument without a name stands behind one with a name',
        expected: 'named arguments last',
      });
    const name = argument.name === undefined ? names[i] : names.find((each) => camel(each) === camel(argument.name!));
    if (name === undefined && argument.name === undefined) return failCount(called, node, scope, argument);
    if (name === undefined)
      return failIn(scope, argument, {
        code: 'ARGUMENT_NAME',
        message: `${called.name} has no parameter ${argument.name}`,
        expected: `one of ${names.join(', ')}`,
        suggestion: nearestName(argument.name ?? '', names),
      });
    if (given.has(name))
      failIn(scope, argument, { code: 'ARGUMENT_NAME', message: `${name} of ${called.name} is given twice` });
    given.set(name, argument);
  }
  if (names.some((name) => !parameters[name].isOptional && !given.has(name))) failCount(called, node, scope, node);
  return given;
}

function failCount(called: OttlFunction, node: CallNode, scope: Scope, at: Span): never {
  return failIn(scope, at, {
    code: 'ARGUMENT_COUNT',
    message: `${called.name} is called with ${node.arguments.length} arguments`,
    expected: signatureOf(called),
  });
}

/** As the reference writes it: `Split(target, delimiter)`, `flatten(target, [prefix])`. */
export function signatureOf(called: OttlFunction): string {
  const shown = Object.entries(called.params as Readonly<Record<string, Parameter<unknown>>>).map(
    ([name, parameter]) => (parameter.isOptional ? `[${name}]` : name),
  );
  return `${called.name}(${shown.join(', ')})`;
}

/** `replacement_format` and `replacementFormat` are one. */
function camel(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The call of a converter whose name was handed over, with values as arguments. */
function callByName(name: string, values: readonly Getter<Value>[], at: Span, scope: Scope): Evaluate<Value> {
  const called = findFunction(name, 'converter', at, scope);
  const parameters = Object.entries(called.params as Readonly<Record<string, Parameter<unknown>>>);
  const required = parameters.filter(([, parameter]) => !parameter.isOptional).length;
  if (values.length < required || values.length > parameters.length)
    failIn(scope, at, {
      code: 'ARGUMENT_COUNT',
      message: `${name} would be called with ${values.length} arguments`,
      expected: signatureOf(called),
    });
  const bound: Record<string, unknown> = {};
  for (const [i, [parameterName, parameter]] of parameters.entries()) {
    const source: ArgumentSource | undefined =
      i < values.length ? getterSource(values[i], at, scope, `${name}: ${parameterName}`) : undefined;
    bound[parameterName] = source === undefined ? parameter.absent : parameter.bind(source);
  }
  return make(called, bound, at, scope) as Evaluate<Value>;
}
