import { permanent } from '@millrace/api';
import type { Killer } from './killer-hunt.ts';
import type { GrindResult, PartOutcome, StepCount } from './mill.ts';

/** Adds to a result what was left out of it because it killed workers. */
export function withKillers(
  result: GrindResult,
  killers: readonly Killer[],
  nameOf: (ordinal: number) => string,
): GrindResult {
  const parts = [...result.parts];
  for (const { exclusion, items, death } of killers) {
    const before = parts[exclusion.part];
    const failedItems = before.failedItems + items;
    const { range } = exclusion;
    parts[exclusion.part] = {
      ...(range === undefined ? {} : { killers: [...(before.killers ?? []), range] }),
      items: exclusion.range === undefined ? Math.max(before.items, items) : before.items,
      failedItems,
      error:
        before.error?.retryable === true
          ? before.error
          : permanent(`${nameOf(death.step)} ended its worker: ${death.message}`, {
              code: 'WORKER_KILLED',
              cause: death,
              ...(failedItems > 0 ? { failedItems } : {}),
            }),
    };
  }
  return { ...result, parts };
}

/** One result of several that each processed other parts and left the rest out. */
export function mergeResults(results: readonly GrindResult[], parts: number): GrindResult {
  const outcomes: PartOutcome[] = Array.from({ length: parts }, (_, part) => {
    const own = results.find((result) => result.parts[part].items > 0 || result.parts[part].error !== undefined);
    return own?.parts[part] ?? { items: 0, failedItems: 0, error: undefined };
  });
  const steps = new Map<string, StepCount>();
  for (const step of results.flatMap((result) => result.steps)) {
    const key = `${step.pipeline} ${step.id} ${step.signal} ${step.to ?? ''}`;
    const sum = steps.get(key);
    steps.set(key, {
      ...step,
      incoming: step.incoming + (sum?.incoming ?? 0),
      outgoing: step.outgoing + (sum?.outgoing ?? 0),
    });
  }
  return {
    parts: outcomes,
    leaves: results.flatMap((result) => result.leaves),
    steps: [...steps.values()],
    counts: results.flatMap((result) => result.counts),
    busyMs: results.reduce((sum, result) => sum + result.busyMs, 0),
  };
}
