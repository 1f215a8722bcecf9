import type { Signal } from '@millrace/api';
import type { Origin, Problems } from '@millrace/config';
import {
  type Condition,
  compileConditions,
  explainError,
  functionRegistry,
  OttlErrors,
  STANDARD_FUNCTIONS,
} from '@millrace/ottl';
import type { RecordCondition } from './suite.ts';

const FUNCTIONS = functionRegistry(STANDARD_FUNCTIONS);
const CONTEXTS = { logs: 'log', traces: 'span', metrics: 'datapoint' } as const;

/** Compiles a condition for every signal that has its paths; where none has, says why. */
export function readCondition(
  { text, origin }: { readonly text: string; readonly origin: Origin },
  problems: Problems,
): RecordCondition | undefined {
  const on: Partial<Record<Signal, Condition>> = {};
  const faults: OttlErrors[] = [];
  for (const [signal, context] of Object.entries(CONTEXTS)) {
    try {
      on[signal as Signal] = compileConditions({ context, conditions: [text], functions: FUNCTIONS });
    } catch (error) {
      if (!(error instanceof OttlErrors)) throw error;
      faults.push(error);
    }
  }
  if (Object.keys(on).length > 0) return { source: text, origin, on };
  for (const fault of faults[0].errors) problems.error({ code: fault.code, origin, ...explainError(fault) });
  return undefined;
}
