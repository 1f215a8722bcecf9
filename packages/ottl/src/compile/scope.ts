import type { Context } from '../context/contexts.ts';
import type { FunctionEnvironment, FunctionRegistry } from '../function/define-function.ts';
import { OttlError, type OttlErrorDetails } from '../ottl-error.ts';
import type { Expression, Span } from '../parse/syntax-tree.ts';
import type { Compiled } from './compiled.ts';
import type { Evaluate } from './frame.ts';

/** What one statement is compiled in. */
export interface Scope {
  readonly source: string;
  readonly context: Context;
  /** Whether paths may stand without the name of their context. */
  readonly allowsBarePaths: boolean;
  readonly registry: FunctionRegistry;
  readonly environment: FunctionEnvironment;
  /** Where the parameters of the lambdas around are, by name; later ones hide earlier ones. */
  readonly locals: ReadonlyMap<string, number>;
  /** Places that the lambdas around take. */
  readonly localCount: number;
  /** Compiles a value: handed down, because values are made of values. */
  readonly compile: (node: Expression, scope: Scope) => Compiled;
  readonly compileCondition: (node: Expression, scope: Scope) => Evaluate<boolean>;
  /** Mistakes after which compilation goes on. */
  readonly errors: OttlError[];
}

export function failIn(scope: Scope, at: Span, details: Omit<OttlErrorDetails, 'source' | 'offset'>): never {
  throw new OttlError({ ...details, source: scope.source, offset: at.start });
}

/** Runs a part of a compilation; a mistake in it is noted, and `otherwise` takes its place. */
export function attempt<T>(scope: Scope, run: () => T, otherwise: T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof OttlError)) throw error;
    scope.errors.push(error);
    return otherwise;
  }
}
