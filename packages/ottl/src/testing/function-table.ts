import { functionRegistry, type OttlFunction } from '../function/define-function.ts';
import type { Example } from '../function/example.ts';
import { STANDARD_FUNCTIONS } from '../functions/standard-functions.ts';
import { expectedOf, runExample } from './run-example.ts';

/* For tests of functions in tables: examples that do not belong into the reference. */

export const functions = functionRegistry(STANDARD_FUNCTIONS);

/** What comes of an example, in the form of `expectation`. */
export function outcome(example: Example): unknown {
  return runExample(calledIn(example), example, { functions });
}

/** What the example says should come of it. */
export function expectation(example: Example): unknown {
  return expectedOf(calledIn(example), example);
}

function calledIn({ code }: Example): OttlFunction {
  const called = functions.get(code.slice(0, code.indexOf('(')));
  if (called === undefined) throw new Error(`${code} begins with no function`);
  return called;
}
