import { expect, test } from 'vitest';
import { resolveScalar } from './scalar.ts';

test.each<[string, unknown]>([
  ['', null],
  ['~', null],
  ['null', null],
  ['NULL', null],
  ['nUll', 'nUll'],
  ['true', true],
  ['FALSE', false],
  ['yes', 'yes'],
  ['on', 'on'],
  ['0', 0],
  ['-0x10', -16],
  ['0123', 83],
  ['0o17', 15],
  ['08', 8],
  ['0b101', 5],
  ['1_000', 1000],
  ['+12', 12],
  ['1e3', 1000],
  ['.5', 0.5],
  ['5.', 5],
  ['-.inf', -Infinity],
  ['.inf', Infinity],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['9007199254740993', 9007199254740993n],
  ['-9223372036854775808', -9223372036854775808n],
  ['2024-01-01', '2024-01-01'],
  ['1.2.3', '1.2.3'],
  ['0xZZ', '0xZZ'],
  ['_1', '_1'],
  ['12 GiB', '12 GiB'],
  ['-', '-'],
])('%s is %s', (text, value) => {
  expect(resolveScalar(text)).toEqual(value);
});

test('.nan is not a number', () => {
  expect(resolveScalar('.NaN')).toBeNaN();
});
