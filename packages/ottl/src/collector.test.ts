import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ContextName } from './context/context-name.ts';
import { conditionOutcome, type Outcome, statementOutcome, valueOutcome } from './testing/collector/outcome.ts';

/*
 * What the Collector's own code (pkg/ottl 1.3.1, transformprocessor 0.164.1) made of thousands of expressions and statements.
 * Where a row has two outcomes, the second is ours, and different on purpose.
 */

function read(name: string): string {
  return readFileSync(new URL(`testing/collector/${name}`, import.meta.url), 'utf8');
}

type Row = readonly [input: string, code: string, theirs: Outcome, ours?: Outcome];

function rowsOf(name: string): readonly Row[] {
  return read(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

const inputs = JSON.parse(read('inputs.json')) as Readonly<Record<string, object>>;

/** The rows that come out differently, so that one test tells of all. */
function differences(rows: readonly Row[], outcomeOf: (row: Row) => Outcome): readonly unknown[] {
  expect(rows.length).toBeGreaterThan(100);
  return rows.flatMap((row) => {
    const [input, code, theirs, ours = theirs] = row;
    const outcome = outcomeOf(row);
    return JSON.stringify(sorted(outcome)) === JSON.stringify(sorted(ours)) ? [] : [{ input, code, ours, outcome }];
  });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}

test('values are what the Collector says', () => {
  expect(differences(rowsOf('values.jsonl'), ([input, code]) => valueOutcome(inputs[input], code))).toEqual([]);
});

test('statements do what they do in the Collector', () => {
  const outcomeOf = ([place, code]: Row): Outcome => {
    const [input, context] = place.split(' ');
    return statementOutcome(inputs[input], context as ContextName, code);
  };
  expect(differences(rowsOf('statements.jsonl'), outcomeOf)).toEqual([]);
});

interface Matrix {
  readonly operators: readonly string[];
  readonly operands: readonly string[];
  /** By left operand; for each right operand and operator t, f, or ! where it fails. */
  readonly theirs: readonly string[];
  readonly ours: Readonly<Record<string, string>>;
}

test('every pair of types compares as in the Collector', () => {
  const { operators, operands, theirs, ours } = JSON.parse(read('comparisons.json')) as Matrix;
  const wrong: string[] = [];
  for (const [row, left] of operands.entries())
    for (const [column, right] of operands.entries())
      for (const [i, operator] of operators.entries()) {
        const code = `${left} ${operator} ${right}`;
        const expected = ours[code] ?? theirs[row][column * operators.length + i];
        const outcome = conditionOutcome(inputs.log, code);
        if ((typeof outcome === 'boolean' ? String(outcome)[0] : '!') !== expected)
          wrong.push(`${code} is ${expected}`);
      }
  expect(wrong).toEqual([]);
});
