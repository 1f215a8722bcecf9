import { encodeAnyValue, type AnyValue } from '@millrace/otlp';
import { describe, expect, test } from 'vitest';
import { canonicalValue } from './canonical-value.ts';
import { formatPlainDouble, formatValue } from './format-value.ts';

/** What AsString of the Collector's pdata 1.70 makes of them. */
test.each<[AnyValue, string]>([
  [null, ''],
  ['a<b', 'a<b'],
  [true, 'true'],
  [-9223372036854775808n, '-9223372036854775808'],
  [1, '1'],
  [1e21, '1e+21'],
  [1.5e-7, '1.5e-7'],
  [-0, '-0'],
  [NaN, 'NaN'],
  [Infinity, 'Infinity'],
  [-Infinity, '-Infinity'],
  [Uint8Array.of(1, 2, 255), 'AQL/'],
  [
    ['a<b>&\u2028\n\b\f\u0001\u007f"\\é', 9007199254740993n, 1, -0, 1e21, 1e-7, 123456789.5, null, true],
    '["a<b>&\\u2028\\n\\b\\f\\u0001\u007f\\"\\\\é",9007199254740993,1,-0,1e+21,1e-7,123456789.5,null,true]',
  ],
  [[Uint8Array.of(255), [], {}], '["/w==",[],{}]'],
  [{ b: 1, a: { '10': 'x', '9': 'y' }, '\uffff': 1.5, '😀': 2 }, '{"a":{"10":"x","9":"y"},"b":1,"\uffff":1.5,"😀":2}'],
  [[NaN], ''],
  [{ a: [Infinity] }, ''],
])('as text, a value of case %# is as in the Collector', (value, text) => {
  expect(formatValue(value)).toBe(text);
});

/** What strconv.FormatFloat(value, 'f', -1, 64) makes of them. */
test.each([
  [1, '1'],
  [-0, '-0'],
  [123.25, '123.25'],
  [1e21, '1000000000000000000000'],
  [-1.25e22, '-12500000000000000000000'],
  [1.5e-7, '0.00000015'],
  [-1e-7, '-0.0000001'],
  [NaN, 'NaN'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
])('%f in plain digits is %s', (value, text) => {
  expect(formatPlainDouble(value)).toBe(text);
});

describe('the canonical form of a value', () => {
  const of = (value: AnyValue) => canonicalValue(encodeAnyValue(value));

  test('ignores the order of keys and nothing else', () => {
    expect(of({ a: 1, b: [1, { c: 'x', d: null }] })).toBe(of({ b: [1, { d: null, c: 'x' }], a: 1 }));
    expect(of([1, 2])).not.toBe(of([2, 1]));
  });

  test('tells all kinds apart', () => {
    const values: AnyValue[] = [
      1,
      1.5,
      '1',
      true,
      'true',
      null,
      'null',
      [],
      {},
      [1],
      ['1'],
      Uint8Array.of(1),
      'x01',
      -1n,
    ];
    expect(new Set(values.map((value) => of(value))).size).toBe(values.length);
    const double = Uint8Array.from([0x21, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    expect(canonicalValue(double)).not.toBe(of(1));
  });
});
