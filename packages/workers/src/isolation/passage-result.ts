import { DeliveryError } from '@millrace/api';
import type { GrindResult, PartOutcome } from '../mill.ts';
import { release } from './passage.ts';
import type { LateFailure, Passage } from './passage.ts';

/** The result of a passage in which no failure is in doubt: there are none, or there is one part only. */
export function resultOf({ outcomes, leaves, failures, steps, counts, busyMs }: Passage): GrindResult {
  const rest = { steps, counts, busyMs };
  if (failures.length === 0) return { ...rest, parts: outcomes, leaves };
  const forNow = failures.find(({ error }) => error.retryable);
  const [outcome] = outcomes;
  if (forNow !== undefined) {
    // The whole part is sent again.
    release(leaves);
    return { ...rest, parts: [{ items: outcome.items, failedItems: outcome.items, error: forNow.error }], leaves: [] };
  }
  return { ...rest, parts: [withFailures(outcome, failures)], leaves };
}

function withFailures(outcome: PartOutcome, failures: readonly LateFailure[]): PartOutcome {
  const { items } = outcome;
  // Behind a connector, items are other ones, and may be more.
  const failed = failures.reduce((sum, { failedItems }) => sum + failedItems, outcome.failedItems);
  const failedItems = Math.min(failed, items);
  const errors = [...(outcome.error === undefined ? [] : [outcome.error]), ...failures.map(({ error }) => error)];
  const { message, code, cause } = errors.find((error) => error.code === 'WORKER_KILLED') ?? errors[0];
  const error = new DeliveryError(message, {
    code,
    retryable: false,
    ...(cause === undefined ? {} : { cause }),
    ...(failedItems > 0 ? { failedItems } : {}),
  });
  const killers = killersOf(failures);
  return { items, failedItems, error, ...(killers === undefined ? {} : { killers }) };
}

/** Where it is known of all that killed. */
function killersOf(failures: readonly LateFailure[]): PartOutcome['killers'] {
  const killing = failures.filter(({ error }) => error.code === 'WORKER_KILLED');
  const known = killing.map(({ killers }) => killers);
  return known.length === 0 || known.includes(undefined) ? undefined : known.flatMap((killers) => killers ?? []);
}
