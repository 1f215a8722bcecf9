import { describe, expect, test } from 'vitest';
import { outcome } from '../../testing/function-table.ts';
import type { Value } from '../../value/value.ts';

describe('converters of lists and maps', () => {
  test.each<[code: string, result: Value]>([
    ['All({}, (_, v) => v == 1)', true],
    ['All([1, 2], (i, v) => v == i + 1)', true],
    ['Any([1, 2], (i, _) => i == 2)', false],
    ['Filter([1, 2, 3, 4], (_, v) => Any([2, 4], (_, w) => v == w))', [2n, 4n]],
    ['Filter({"a": 1}, (_, v) => v > 1)', new Map()],
    ['Find({}, (_, v) => true)', null],
    ['Find([nil, 1], (i, v) => v == nil)', null],
    ['Find([5], (_, v) => true, (i, v) => i)', 0n],
    ['MapEach([[1], [2, 3]], (_, inner) => Reduce(inner, 0, (a, _, v) => a + v))', [1n, 5n]],
    ['MapEach({"a": 1}, (_, _) => nil)', new Map([['a', null]])],
    ['MapKeys({}, (k, _) => k)', new Map()],
    ['Reduce([1, 2.5], 0, (a, _, v) => a + v)', 3.5],
    ['When(() => true, nil, 1)', null],
    ['Coalesce([false, 1])', false],
    ['ContainsValue([[1]], [1])', true],
    ['ContainsValue([], nil)', false],
    ['ContainsValue([nil], nil)', true],
    ['Sort([])', []],
    ['Sort([2, 1.0, -9223372036854775808], "asc")', [-9223372036854775808n, 1, 2n]],
    ['Sort([3, 1, 2], "desc")', [3n, 2n, 1n]],
    ['Sort([true, false, nil])', [null, false, true]],
    ['Sort(["b", "B", "a"])', ['B', 'a', 'b']],
    ['SliceToMap([{"m": {"k": "x"}, "v": [1]}], ["m", "k"], ["v"])', new Map([['x', [1n]]])],
    ['SliceToMap([{"k": "x", "n": 1}, {"k": "x", "n": 2}], ["k"], ["n"])', new Map([['x', 2n]])],
    ['Len(Keys({"a": 1, "b": 2}))', 2n],
    ['Len("")', 0n],
  ])('%s', (code, result) => {
    expect(outcome({ code, result })).toEqual({ result });
  });

  test.each<[code: string, body: Value, fails: string]>([
    ['All(body, (_, v) => 1)', [1n], 'predicate must return a bool, not int64'],
    ['Filter(body, (_, v) => true)', Uint8Array.of(1), 'source must be a slice or a map, not []byte'],
    ['MapEach(body, (_, v) => v + 1)', ['a'], 'string must be int64'],
    ['MapKeys(body, (k, _) => k)', null, 'expected pcommon.Map but got nil'],
    ['Sort(body)', new Map(), 'expected pcommon.Slice but got pcommon.Map'],
    ['SliceToMap(body, ["k"], ["v"])', [new Map([['k', 'x']])], 'element 0 has nothing under v'],
    ['SliceToMap(body, value_path = ["v"])', ['x'], 'element 0 must be a map, not string'],
    ['Values(body)', 'a', 'expected pcommon.Map but got string'],
    ['Len(body)', null, 'nil'],
  ])('%s fails', (code, body, fails) => {
    expect(outcome({ code, given: { body }, fails })).toEqual({ fails });
  });

  test.each<[code: string, invalid: string]>([
    ['All([1], 1)', 'this is no lambda'],
    ['SliceToMap([1], ["a"], [])', 'valuePath must have at least one key'],
    ['SliceToMap([1], "a")', 'this is no list'],
  ])('%s is refused at the start', (code, invalid) => {
    expect(outcome({ code, invalid })).toEqual({ invalid });
  });
});
