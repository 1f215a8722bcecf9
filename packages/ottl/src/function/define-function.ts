import type { Evaluate } from '../compile/frame.ts';
import type { ContextName } from '../context/context-name.ts';
import type { Value, ValueType } from '../value/value.ts';
import type { Example } from './example.ts';
import type { ArgumentsOf, Parameters } from './parameter.ts';

/**
 * How to add a function: one file in the folder of its group under `functions/`, named after it (`editors/replace-pattern.ts`,
 * `strings/is-match.ts`), that exports one `defineFunction({...})`, and its name in the group's list (`strings/strings.ts`).
 * Nothing else: the reference page is made from the definition, and every example runs as a test.
 *
 *     import { defineFunction } from '../../function/define-function.ts';
 *     import * as p from '../../function/parameters.ts';
 *
 *     export const substring = defineFunction({
 *       name: 'Substring',
 *       kind: 'converter',
 *       summary: 'A part of a string.',
 *       params: { target: p.string, start: p.int, length: p.int },
 *       returns: 'string',
 *       examples: [{ code: 'Substring("123456789", 0, 3)', result: '123' }],
 *       make: ({ target, start, length }) => (frame) => { const text = target(frame); ... },
 *     });
 *
 * - `params` are in order, and their names are those of the Collector in camelCase: statements may name them in camelCase or
 *   snake_case. Optional ones come last: `p.optional(p.bool)` gives undefined when left out, `p.optional(p.bool,
 *   constantGetter(false))` a default.
 * - The parameter says what `make` gets (see parameters.ts): `p.string` a getter that throws for all but strings, `p.stringLike`
 *   one that converts and keeps nil, `p.value` anything; `p.literalString` the string itself; `p.mapTarget` a map to edit in place
 *   (on the wire for attributes), `p.getSetter` a path, `p.converter` a function that is handed over, `p.lambda` a lambda,
 *   `p.enumeration` a number, `p.list(p.string)` an array of getters.
 * - `make` runs once for each place in the configuration and returns the function that runs for each record. Everything that
 *   is the same for all records belongs into `make`: look at `getter.constant`, or let `derived(getter, compute)` do it.
 *   The inner function allocates nothing where it changes nothing, and makes no closures.
 * - A mistake that is known in `make` is thrown there as `new Error('what is wrong')`: it becomes a configuration error at the
 *   place of the call. What goes wrong with a record is thrown as `OttlRuntimeError`, and the error mode decides.
 * - Values are never changed, only replaced: see value.ts. int64 is bigint, float64 is number, nil is null.
 * - A converter that gives something else for the same arguments (a clock, randomness, the record beside its arguments) says
 *   `pure: false`; all others are computed once when their arguments are constant.
 * - Clock, randomness and patterns come from the second argument of `make`.
 */
export function defineFunction<const P extends Parameters>(definition: FunctionDefinition<P>): OttlFunction {
  return definition;
}

export interface FunctionDefinition<P extends Parameters> {
  /** Editors begin with a lowercase letter, converters with an uppercase one. */
  readonly name: string;
  readonly kind: 'editor' | 'converter';
  /** One sentence, for the reference. */
  readonly summary: string;
  /** What else there is to know: Markdown. */
  readonly details?: string;
  /** Where this differs from the Collector, if it does. */
  readonly deviation?: string;
  readonly params: P;
  /** Where it can be used; default: everywhere. */
  readonly contexts?: readonly ContextName[];
  /** False for converters that may give something else for the same arguments. */
  readonly pure?: boolean;
  /** The only type that a converter returns (beside nil), if there is one: comparisons get faster, the reference better. */
  readonly returns?: ValueType;
  readonly examples: readonly Example[];
  make(args: ArgumentsOf<P>, environment: FunctionEnvironment): Evaluate<Value> | Evaluate<void>;
}

/** A function of any parameters. */
export type OttlFunction = Omit<FunctionDefinition<Parameters>, 'make'> & {
  make(args: Readonly<Record<string, unknown>>, environment: FunctionEnvironment): Evaluate<Value> | Evaluate<void>;
};

/** What functions may use of the world. */
export interface FunctionEnvironment {
  readonly context: ContextName;
  /** Nanoseconds since 1970. */
  readonly now: () => bigint;
  readonly randomBytes: (count: number) => Uint8Array;
  /** For functions that write to the log. */
  readonly log: (message: string, fields: Readonly<Record<string, string>>) => void;
}

export type FunctionRegistry = ReadonlyMap<string, OttlFunction>;

/** Puts functions together. Throws when two have one name, or one has a name of the wrong kind. */
export function functionRegistry(...lists: readonly Iterable<OttlFunction>[]): FunctionRegistry {
  const registry = new Map<string, OttlFunction>();
  for (const each of lists.flatMap((list) => [...list])) {
    if (registry.has(each.name)) throw new Error(`there are two functions named ${each.name}`);
    if (/^[A-Z]/.test(each.name) !== (each.kind === 'converter'))
      throw new Error(`${each.name} is no name for a function of kind ${each.kind}`);
    registry.set(each.name, each);
  }
  return registry;
}
