import {
  compileConditions,
  type CompileOptions,
  type Condition,
  functionRegistry,
  STANDARD_FUNCTIONS,
} from '@millrace/ottl';

const CONVERTERS = functionRegistry(STANDARD_FUNCTIONS.filter(({ kind }) => kind === 'converter'));

/** Which records are gathered; undefined: all of them. Throws OttlErrors. */
export function compileEligibility(
  conditions: readonly string[],
  run: Pick<CompileOptions, 'errorMode' | 'onError' | 'now' | 'log'>,
): Condition | undefined {
  if (conditions.length === 0) return undefined;
  return compileConditions({ ...run, context: 'log', conditions, functions: CONVERTERS });
}

/** Whether conditions ask who sent the records. */
export function asksForSender(conditions: readonly string[]): boolean {
  return conditions.some((condition) => /\botelcol\./.test(condition));
}
