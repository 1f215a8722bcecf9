import type { Compiled } from '../compile/compiled.ts';
import type { Frame } from '../compile/frame.ts';
import type { OttlErrorCode } from '../ottl-error.ts';
import type { Expression } from '../parse/syntax-tree.ts';
import type { Value } from '../value/value.ts';
import type { Getter } from './getter.ts';

/** An argument as it was written, with what it can be taken for. Given by the compiler to parameters. */
export interface ArgumentSource {
  readonly node: Expression;
  /** As a value of any type. */
  value(): Compiled;
  /** As the elements of a list that is written out; undefined when it is none. */
  items(): readonly ArgumentSource[] | undefined;
  /** As an enum's number; undefined when it is none. */
  enum(): bigint | undefined;
  /** As a converter's name without a call. */
  function(): FunctionArgument;
  lambda(): LambdaArgument;
  /** Ends the compilation of this argument with an error at its place. */
  fail(message: string, expected?: string, code?: OttlErrorCode): never;
}

/** A converter that another function calls. */
export interface FunctionArgument {
  readonly name: string;
  /** The call with these arguments. Throws OttlError when it does not take them. */
  bind(...values: readonly Getter<Value>[]): Getter<Value>;
}

/** A lambda. `run` binds its parameters, in order, and gives what its body is; `values` may be used again by the caller. */
export interface LambdaArgument {
  /** How many parameters were written. */
  readonly arity: number;
  run(frame: Frame, values: readonly Value[]): Value;
}

/** How a parameter takes its argument. `T` is what `make` gets. */
export interface Parameter<T> {
  /** As in the documentation of the Collector: "StringGetter", "[]string". */
  readonly type: string;
  readonly isOptional: boolean;
  bind(source: ArgumentSource): T;
  /** What `make` gets when it is left out. */
  readonly absent: T | undefined;
}

// oxlint-disable-next-line typescript/no-explicit-any -- Parameters of all types come together here, and are told apart by `ArgumentsOf`.
export type Parameters = Readonly<Record<string, Parameter<any>>>;

/** The arguments that `make` gets, by the names of the parameters. */
export type ArgumentsOf<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};
