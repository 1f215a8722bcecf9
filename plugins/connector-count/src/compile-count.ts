import {
  compileConditions,
  type CompileOptions,
  type Condition,
  functionRegistry,
  STANDARD_FUNCTIONS,
} from '@millrace/ottl';
import { type MetricSettings, type Section, SECTIONS } from './count-settings.ts';

const CONVERTERS = functionRegistry(STANDARD_FUNCTIONS.filter(({ kind }) => kind === 'converter'));

/** Compiles the conditions of a metric; undefined when everything is counted. Throws OttlErrors. */
export function compileCount(
  section: Section,
  { conditions }: MetricSettings,
  run: Pick<CompileOptions, 'errorMode' | 'onError' | 'now' | 'log'>,
): Condition | undefined {
  if (conditions.length === 0) return undefined;
  return compileConditions({
    ...run,
    context: SECTIONS[section],
    conditions,
    functions: CONVERTERS,
  });
}
