import { OttlRuntimeError } from '../../ottl-error.ts';
import type { Frame } from '../../compile/frame.ts';
import type { LambdaArgument } from '../../function/parameter.ts';
import { isList, isMap, typeName, type Value, type ValueMap } from '../../value/value.ts';

/** What lambdas run over. Throws for all else. */
export function listOrMap(value: Value): readonly Value[] | ValueMap {
  if (isList(value) || isMap(value)) return value;
  throw new OttlRuntimeError(`source must be a slice or a map, not ${typeName(value)}`);
}

/** The index or key, and the value, of each element. */
export function entriesOf(source: readonly Value[] | ValueMap): Iterable<readonly [bigint | string, Value]> {
  return isMap(source) ? source : indexed(source);
}

function* indexed(list: readonly Value[]): Generator<readonly [bigint, Value]> {
  for (let i = 0; i < list.length; i++) yield [BigInt(i), list[i]];
}

/** Throws, when a statement is compiled, for a lambda with another number of parameters. */
export function checkArity(lambda: LambdaArgument, name: string, arity: number): void {
  if (lambda.arity !== arity) throw new Error(`${name} must have ${arity} parameters, it has ${lambda.arity}`);
}

/** A lambda of two parameters that says yes or no. */
export class Predicate {
  private readonly lambda: LambdaArgument;
  // What the lambda is called with: copied by it, and used again.
  private readonly values: Value[] = [null, null];

  constructor(lambda: LambdaArgument) {
    checkArity(lambda, 'predicate', 2);
    this.lambda = lambda;
  }

  test(frame: Frame, key: Value, value: Value): boolean {
    this.values[0] = key;
    this.values[1] = value;
    const result = this.lambda.run(frame, this.values);
    if (typeof result === 'boolean') return result;
    throw new OttlRuntimeError(`predicate must return a bool, not ${typeName(result)}`);
  }
}
