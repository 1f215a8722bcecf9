import { describe, expect, test } from 'vitest';
import { OttlRuntimeError } from '../ottl-error.ts';
import type { MathOperator } from '../parse/syntax-tree.ts';
import { CALCULATIONS, negate } from './calculate.ts';
import { Duration, Time } from './time.ts';
import type { Value } from './value.ts';

const OPERANDS: Readonly<Record<string, Value>> = {
  int64: 7n,
  float64: 2,
  'time.Time': new Time(100n, '+02:00'),
  'time.Duration': new Duration(30n),
  string: '1',
  bool: true,
  nil: null,
  bytes: Uint8Array.of(1),
  'pcommon.Slice': [1n],
  'pcommon.Map': new Map(),
};

/** What has a result; everything else throws. */
const RESULTS: Readonly<Record<string, Value>> = {
  'int64 + int64': 14n,
  'int64 - int64': 0n,
  'int64 * int64': 49n,
  'int64 / int64': 1n,
  'int64 + float64': 9,
  'int64 - float64': 5,
  'int64 * float64': 14,
  'int64 / float64': 3.5,
  'float64 + int64': 9,
  'float64 - int64': -5,
  'float64 * int64': 14,
  'float64 / int64': 2 / 7,
  'float64 + float64': 4,
  'float64 - float64': 0,
  'float64 * float64': 4,
  'float64 / float64': 1,
  'time.Time + time.Duration': new Time(130n, '+02:00'),
  'time.Time - time.Duration': new Time(70n, '+02:00'),
  'time.Time - time.Time': new Duration(0n),
  'time.Duration + time.Time': new Time(130n, '+02:00'),
  'time.Duration + time.Duration': new Duration(60n),
  'time.Duration - time.Duration': new Duration(0n),
};

describe('every cell of the matrix', () => {
  for (const operator of ['+', '-', '*', '/'] as const)
    for (const [left, a] of Object.entries(OPERANDS))
      for (const [right, b] of Object.entries(OPERANDS)) {
        test(`${left} ${operator} ${right}`, () => {
          const cell = `${left} ${operator} ${right}`;
          if (cell in RESULTS) expect(CALCULATIONS[operator](a, b)).toEqual(RESULTS[cell]);
          else expect(() => CALCULATIONS[operator](a, b)).toThrow(OttlRuntimeError);
        });
      }
});

const MAX = 2n ** 63n - 1n;

test.each<[Value, MathOperator, Value, Value]>([
  [MAX, '+', 1n, -MAX - 1n],
  [-MAX - 1n, '-', 1n, MAX],
  [MAX, '*', 2n, -2n],
  [-MAX - 1n, '/', -1n, -MAX - 1n],
  [-7n, '/', 2n, -3n],
  [2n ** 53n, '+', 1n, 2n ** 53n + 1n],
  [1, '/', 3, 1 / 3],
])('%s %s %s is %s', (a, operator, b, result) => {
  expect(CALCULATIONS[operator](a, b)).toBe(result);
});

test.each<[Value, Value]>([
  [1n, 0n],
  [1, 0],
  [1n, 0],
  [1, -0],
])('%s / %s throws', (a, b) => {
  expect(() => CALCULATIONS['/'](a, b)).toThrow('attempted to divide by 0');
});

test('the distance of far times is the longest duration', () => {
  expect(CALCULATIONS['-'](new Time(MAX), new Time(-MAX))).toEqual(new Duration(MAX));
});

test('only numbers are negated', () => {
  expect(negate(5n)).toBe(-5n);
  expect(negate(-0.5)).toBe(0.5);
  expect(negate(-MAX - 1n)).toBe(-MAX - 1n);
  expect(() => negate(new Duration(1n))).toThrow('cannot negate time.Duration');
});
