import { describe, expect, test } from 'vitest';
import type { CompareOperator } from '../parse/syntax-tree.ts';
import { COMPARISONS } from './compare-values.ts';
import { Id } from './id.ts';
import { Duration, Time } from './time.ts';
import type { Value } from './value.ts';

/** For each type a smaller and a greater value, and whether they have an order. */
const TYPES: Readonly<Record<string, { readonly values: readonly [Value, Value]; readonly ordered: boolean }>> = {
  bool: { values: [false, true], ordered: true },
  int64: { values: [1n, 2n], ordered: true },
  float64: { values: [1, 2], ordered: true },
  string: { values: ['a', 'b'], ordered: true },
  bytes: { values: [Uint8Array.of(1), Uint8Array.of(1, 0)], ordered: true },
  'time.Time': { values: [new Time(1n, 'Europe/Berlin'), new Time(2n)], ordered: true },
  'time.Duration': { values: [new Duration(1n), new Duration(2n)], ordered: true },
  'pcommon.Map': { values: [new Map([['a', 1n]]), new Map([['a', 2n]])], ordered: false },
  'pcommon.Slice': { values: [[1n], [2n]], ordered: false },
  'pcommon.TraceID': { values: [new Id('trace', '00'.repeat(16)), new Id('trace', '01'.repeat(16))], ordered: false },
  'pcommon.SpanID': { values: [new Id('span', '00'.repeat(8)), new Id('span', '01'.repeat(8))], ordered: false },
};

const OPERATORS: readonly CompareOperator[] = ['==', '!=', '<', '<=', '>', '>='];
const results = (a: Value, b: Value): readonly CompareOperator[] => OPERATORS.filter((each) => COMPARISONS[each](a, b));
const NUMERIC = new Set(['int64', 'float64']);

describe('every cell of the matrix', () => {
  for (const [left, { values: a, ordered }] of Object.entries(TYPES))
    for (const [right, { values: b }] of Object.entries(TYPES)) {
      const isComparable = left === right || (NUMERIC.has(left) && NUMERIC.has(right));
      test(`${left} with ${right}: ${isComparable ? (ordered ? 'ordered' : 'equality only') : 'not equal'}`, () => {
        if (!isComparable) {
          for (const x of a) for (const y of b) expect(results(x, y)).toEqual(['!=']);
          return;
        }
        expect(results(a[0], b[0])).toEqual(ordered ? ['==', '<=', '>='] : ['==']);
        expect(results(a[0], b[1])).toEqual(ordered ? ['!=', '<', '<='] : ['!=']);
        expect(results(a[1], b[0])).toEqual(ordered ? ['!=', '>', '>='] : ['!=']);
      });
    }

  test.each(Object.keys(TYPES))('nil with %s: not equal', (type) => {
    for (const value of TYPES[type].values) {
      expect(results(null, value)).toEqual(['!=']);
      expect(results(value, null)).toEqual(['!=']);
    }
  });

  test('nil equals nil', () => {
    expect(results(null, null)).toEqual(['==', '<=', '>=']);
  });
});

test.each<[string, Value, Value, readonly CompareOperator[]]>([
  ['ints beyond 2^53 exactly', 2n ** 53n, 2n ** 53n + 1n, ['!=', '<', '<=']],
  ['an int and a float as floats', 2n ** 53n + 1n, 2 ** 53, ['==', '<=', '>=']],
  ['NaN as equal to nothing', NaN, NaN, ['!=']],
  ['the two zeros as equal', 0, -0, ['==', '<=', '>=']],
  ['strings by code points', '\uffff', '\u{10000}', ['!=', '<', '<=']],
  ['a string with what it begins with', 'ab', 'a', ['!=', '>', '>=']],
  [
    'maps without regard to order',
    new Map<string, Value>([
      ['a', 1n],
      ['b', 2n],
    ]),
    new Map<string, Value>([
      ['b', 2n],
      ['a', 1n],
    ]),
    ['=='],
  ],
  ['ints and floats inside of lists as different', [1n], [1], ['!=']],
  ['nested values deeply', [new Map([['a', [1n]]])], [new Map([['a', [1n]]])], ['==']],
  ['ids of different kinds as different', new Id('trace', '00'.repeat(16)), new Id('profile', '00'.repeat(16)), ['!=']],
])('compares %s', (_, a, b, expected) => {
  expect(results(a, b)).toEqual(expected);
});
