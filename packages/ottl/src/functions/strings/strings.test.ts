import { describe, expect, test } from 'vitest';
import { outcome } from '../../testing/function-table.ts';
import type { Value } from '../../value/value.ts';

describe('converters of strings', () => {
  test.each<[code: string, result: Value]>([
    ['ConvertCase("CPUUtilizationMetric", "snake")', 'cpu_utilization_metric'],
    ['ConvertCase("simpleString", "snake")', 'simple_string'],
    ['ConvertCase("simpleString", "camel")', 'SimpleString'],
    ['ConvertCase("complex_SET-of.WORDS1234", "camel")', 'ComplexSetOfWords1234'],
    ['ConvertCase("complex_SET-of.WORDS1234", "snake")', 'complex_set_of_words_1234'],
    ['ConvertCase("", "camel")', ''],
    ['ConvertCase("ΑΣ", "lower")', 'ας'.replace('ς', 'σ')],
    ['ToSnakeCase("JSONData")', 'json_data'],
    ['ToSnakeCase("a b-c.d")', 'a_b_c_d'],
    ['ToCamelCase("9lives left")', '9LivesLeft'],
    ['ToUpperCase("añ")', 'AÑ'],
    ['ToLowerCase("Ñ")', 'ñ'],
    ['HasPrefix("", "")', true],
    ['HasSuffix("abc", "bc")', true],
    ['TrimPrefix("aab", "a")', 'ab'],
    ['TrimSuffix("a", "b")', 'a'],
    ['Trim("   ")', ''],
    ['Trim("😀a😀", "😀")', 'a'],
    ['Trim("aXa", "")', 'aXa'],
    ['Substring("añb", 1, 2)', 'ñ'],
    ['Substring("añb", 2, 2, true)', 'b'],
    ['Substring("一二三", 1, 5, true)', '二'],
    ['Substring("a😀b", 2, 1, true)', ''],
    ['Substring("abc", 2, 1)', 'c'],
    ['Index("abc", "")', 0n],
    ['Index("😀b", "b")', 4n],
    ['Index([1, 2.0], 2)', 1n],
    ['Index([[1], [2]], [2])', 1n],
    ['Index([], 1)', -1n],
  ])('%s', (code, result) => {
    expect(outcome({ code, result })).toEqual({ result });
  });

  test.each<[code: string, body: Value, fails: string]>([
    ['ConvertCase(body, "lower")', 1n, 'expected string but got int64'],
    ['HasSuffix(body, "a")', null, 'expected string but got nil'],
    ['HasPrefix("a", body)', 1n, 'expected string but got int64'],
    ['Trim(body)', ['a'], 'expected string but got pcommon.Slice'],
    ['Substring(body, -1, 1)', 'abc', 'start must not be negative, it is -1'],
    ['Substring(body, 0, -1)', 'abc', 'length must be positive, it is -1'],
    ['Substring(body, 1, 9223372036854775807)', 'abc', 'is beyond the 3 bytes of the string'],
    ['Substring(body, 0, Double(1))', 'abc', 'expected int64 but got float64'],
    ['Index(body, "a")', 1n, 'target must be a string or a slice'],
    ['ToCamelCase(body)', new Map(), 'expected string but got pcommon.Map'],
  ])('%s fails', (code, body, fails) => {
    expect(outcome({ code, given: { body }, fails })).toEqual({ fails });
  });
});
