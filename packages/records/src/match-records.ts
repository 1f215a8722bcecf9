import { differences, type Strictness } from './compare-records.ts';
import { diffRecords, type FieldChange } from './record-diff.ts';
import type { TelemetryRecord } from './telemetry-record.ts';
import type { ValueMap } from './value.ts';

/** What is not as it was expected. */
export type Mismatch =
  | { readonly kind: 'different'; readonly expected: number; readonly changes: readonly FieldChange[] }
  | { readonly kind: 'missing'; readonly expected: number }
  | { readonly kind: 'unexpected'; readonly actual: number }
  | { readonly kind: 'order'; readonly expected: number; readonly actual: number };

/** Exactly these records, in this order. Records that are wrong are shown beside those that are most like them. */
export function matchExactly(expected: readonly ValueMap[], actual: readonly TelemetryRecord[]): Mismatch[] {
  const inPlace = expected.map((fields, index) => actual[index] && differences(fields, actual[index], 'exact'));
  if (expected.length === actual.length && inPlace.every((changes) => changes?.length === 0)) return [];
  const pairs = bestPairs(expected, actual, 'exact');
  const mismatches: Mismatch[] = [];
  let latest = -1;
  for (const index of expected.keys()) {
    const partner = pairs.get(index);
    if (partner === undefined) {
      mismatches.push({ kind: 'missing', expected: index });
      continue;
    }
    const changes = differences(expected[index], actual[partner], 'exact');
    if (changes.length > 0) mismatches.push({ kind: 'different', expected: index, changes });
    else if (partner < latest) mismatches.push({ kind: 'order', expected: index, actual: partner });
    latest = Math.max(latest, partner);
  }
  const known = new Set(pairs.values());
  for (const index of actual.keys()) if (!known.has(index)) mismatches.push({ kind: 'unexpected', actual: index });
  return mismatches;
}

/** These records somewhere among the others, each one of its own. */
export function matchSubset(expected: readonly ValueMap[], actual: readonly TelemetryRecord[]): Mismatch[] {
  const pairs = bestPairs(expected, actual, 'subset');
  return [...expected.keys()].flatMap((index): Mismatch[] => {
    const partner = pairs.get(index);
    if (partner === undefined) return [{ kind: 'missing', expected: index }];
    const changes = differences(expected[index], actual[partner], 'subset');
    return changes.length === 0 ? [] : [{ kind: 'different', expected: index, changes }];
  });
}

/** As many pairs without a difference as there can be, then the most alike ones; actual positions by expected ones. */
function bestPairs(
  expected: readonly ValueMap[],
  actual: readonly TelemetryRecord[],
  strictness: Strictness,
): Map<number, number> {
  const fits = expected.map((fields) =>
    [...actual.keys()].filter((index) => differences(fields, actual[index], strictness).length === 0),
  );
  const takers = new Map<number, number>();
  /** Finds a record for one that is expected, moving others where they have a choice. */
  const place = (index: number, tried: Set<number>): boolean => {
    for (const candidate of fits[index]) {
      if (tried.has(candidate)) continue;
      tried.add(candidate);
      const taker = takers.get(candidate);
      if (taker !== undefined && !place(taker, tried)) continue;
      takers.set(candidate, index);
      return true;
    }
    return false;
  };
  for (const index of expected.keys()) place(index, new Set());
  const pairs = new Map([...takers].map(([candidate, index]) => [index, candidate]));
  const restExpected = [...expected.keys()].filter((index) => !pairs.has(index));
  const restActual = [...actual.keys()].filter((index) => !takers.has(index));
  const alike = diffRecords(
    restExpected.map((index) => ({ signal: 'logs', fields: expected[index] })),
    restActual.map((index) => ({ signal: 'logs', fields: actual[index].fields })),
  );
  const takenActual = new Set<number>();
  for (const change of alike) {
    if (change.kind === 'changed' || change.kind === 'unchanged') {
      pairs.set(restExpected[change.before], restActual[change.after]);
      takenActual.add(restActual[change.after]);
    }
  }
  // The only one that is left was meant, however different it is.
  const [leftExpected, leftActual] = [
    restExpected.filter((index) => !pairs.has(index)),
    restActual.filter((index) => !takenActual.has(index)),
  ];
  if (leftExpected.length === 1 && leftActual.length === 1) pairs.set(leftExpected[0], leftActual[0]);
  return pairs;
}
