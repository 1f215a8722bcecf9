import { expect, test } from 'vitest';
import { evaluate } from '../../testing/evaluate.ts';

test.each<[code: string, result: unknown]>([
  ['String("test")', 'test'],
  ['String(1.0)', '1'],
  ['String(1.5e21)', '1.5e+21'],
  ['String(42)', '42'],
  ['String(true)', 'true'],
  ['String(attributes["list"])', '[1]'],
  ['String(attributes["map"])', '{"k":"v\\u003c"}'],
  ['String(attributes["missing"])', null],
  ['String(attributes["empty"])', null],
  ['String([1,2,"a"])', '[1,2,"a"]'],
  ['String({"a":1})', '{"a":1}'],
  ['String(Duration("1h"))', '3600000000000'],
  ['String(0x0102)', '0102'],
  ['String("")', ''],
  ['Bool("t")', true],
  ['Bool(0)', false],
  ['Bool(0.5)', true],
  ['Bool(attributes["missing"])', null],
  ['IsBool(true)', true],
  ['IsBool(attributes["missing"])', false],
  ['IsDouble(attributes["dbl"])', true],
  ['IsList([1])', true],
  ['IsList(attributes["list"])', true],
  ['IsList(0x01)', false],
  ['IsMap(attributes)', true],
  ['IsMap({})', true],
  ['IsValidLuhn("17893729974")', true],
  ['IsValidLuhn("17893729975")', false],
  ['IsValidLuhn(17893729974)', true],
  ['IsValidLuhn("")', false],
  ['IsValidLuhn("0")', true],
])('%s is %o', (code, result) => {
  expect(evaluate(code)).toBe(result);
});

test.each([
  'Int("")',
  'Bool(attributes["list"])',
  'String(trace_id, 1)',
  'ParseInt("", 10)',
  'ParseInt("08", 0)',
  'ParseInt("1__0", 0)',
  'ParseInt("0x", 0)',
  'ParseInt("2", 2)',
  'ParseInt("1", -1)',
  'IsValidLuhn("a")',
  'IsValidLuhn(1.5)',
  'IsValidLuhn(attributes["missing"])',
  'IsValidLuhn(true)',
  'IsValidLuhn(-18)',
])('%s fails', (code) => {
  expect(() => evaluate(code)).toThrow(expect.objectContaining({ name: expect.stringMatching(/^Ottl/) as string }));
});
