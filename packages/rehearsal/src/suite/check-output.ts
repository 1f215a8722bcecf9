import { LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';
import {
  blockLines,
  type DiffPaint,
  expectationLines,
  markedLines,
  matchExactly,
  matchSubset,
  type Mismatch,
  readRecords,
  type ShortRecord,
  type TelemetryRecord,
  titleOf,
} from '@millrace/records';
import type { Delivery } from '../rehearsal.ts';
import type { OutputExpectation, RecordCondition } from './suite.ts';

/** One thing that is not as it was expected. */
export interface Complaint {
  readonly message: string;
  /** What is different, in lines for people. */
  readonly details: (paint: DiffPaint) => readonly string[];
}

/** Compares what came out at one place with what was expected there. */
export function checkOutput(expectation: OutputExpectation, deliveries: readonly Delivery[]): Complaint[] {
  const actual = deliveries.flatMap(({ signal, request }) => readRecords(signal, [request]));
  const items = deliveries.reduce((sum, delivery) => sum + delivery.items, 0);
  const { output, exact, subset, count, every = [], any = [], none = [] } = expectation;
  const place = output === undefined ? '' : `${output}: `;
  const complaints: Complaint[] = [];
  const complain = (message: string, details: Complaint['details'] = () => []) =>
    void complaints.push({ message: `${place}${message}`, details });
  if (exact !== undefined) {
    const mismatches = matchExactly(
      exact.map(({ fields }) => fields),
      actual,
    );
    const message = `${counted(exact.length)} expected, ${cameOut(actual.length)}`;
    if (mismatches.length > 0) complain(message, (paint) => mismatchLines(mismatches, exact, actual, paint));
  }
  if (subset !== undefined) {
    const mismatches = matchSubset(
      subset.map(({ fields }) => fields),
      actual,
    );
    const message = `${mismatches.length} of ${counted(subset.length)} not found among ${actual.length}`;
    if (mismatches.length > 0) {
      complain(message, (paint) => [
        ...mismatchLines(mismatches, subset, actual, paint),
        ...seen(actual, 'came out', paint),
      ]);
    }
  }
  if (count !== undefined && count !== items) {
    complain(`${counted(count)} expected, ${cameOut(items)}`, (paint) => seen(actual, 'came out', paint));
  }
  for (const condition of [...every, ...any, ...none]) {
    const verdicts = deliveries.flatMap((delivery) => verdictsOf(condition, delivery));
    const holds = (wanted: boolean) => actual.filter((_, index) => verdicts[index] === wanted);
    if (every.includes(condition) && verdicts.includes(false)) {
      complain(`${condition.source} does not hold for every record`, (paint) => seen(holds(false), 'not for', paint));
    }
    if (any.includes(condition) && !verdicts.includes(true)) {
      complain(`${condition.source} holds for no record`, (paint) => seen(actual, 'came out', paint));
    }
    if (none.includes(condition) && verdicts.includes(true)) {
      complain(`${condition.source} holds for a record`, (paint) => seen(holds(true), 'for', paint));
    }
  }
  return complaints;
}

function counted(count: number): string {
  return `${count} record${count === 1 ? '' : 's'}`;
}

function cameOut(count: number): string {
  return count === 0 ? 'nothing came out' : `${count} came out`;
}

/** For each record whether the condition holds; false where it is about another signal. */
function verdictsOf({ on }: RecordCondition, { signal, request, items }: Delivery): boolean[] {
  const condition = on[signal];
  if (condition === undefined) return new Array<boolean>(items).fill(false);
  const verdicts: boolean[] = [];
  for (const view of viewsOf(signal, request)) verdicts.push(condition.test(view));
  return verdicts;
}

function viewsOf(signal: Delivery['signal'], request: Uint8Array): Iterable<unknown> {
  switch (signal) {
    case 'logs':
      return LogsBatch.of([request]).records;
    case 'traces':
      return TracesBatch.of([request]).spans;
    case 'metrics':
      return MetricsBatch.of([request]).dataPoints;
    case 'profiles':
      return [];
  }
}

function mismatchLines(
  mismatches: readonly Mismatch[],
  expected: readonly ShortRecord[],
  actual: readonly TelemetryRecord[],
  paint: DiffPaint,
): string[] {
  const shown = (index: number): TelemetryRecord => ({ signal: 'logs', fields: expected[index].fields });
  return mismatches.flatMap((mismatch) => {
    switch (mismatch.kind) {
      case 'different':
        return [
          titleOf(shown(mismatch.expected)),
          ...expectationLines(mismatch.changes, paint).map((line) => `  ${line}`),
        ];
      case 'missing':
        return markedLines(shown(mismatch.expected), '-').map((line) => paint.red(line));
      case 'unexpected':
        return markedLines(actual[mismatch.actual], '+').map((line) => paint.green(line));
      case 'order':
        return [`${titleOf(shown(mismatch.expected))}  ${paint.yellow(`came as number ${mismatch.actual + 1}`)}`];
    }
  });
}

/** Most records that are shown as a whole. */
const SEEN_MAX = 10;

function seen(records: readonly TelemetryRecord[], what: string, paint: DiffPaint): string[] {
  if (records.length === 0) return [];
  const lines = records
    .slice(0, SEEN_MAX)
    .flatMap((record) => blockLines(record).map((line) => paint.dim(`  ${line}`)));
  const rest = records.length - SEEN_MAX;
  return [paint.dim(`${what}:`), ...lines, ...(rest > 0 ? [paint.dim(`  and ${rest} more`)] : [])];
}
