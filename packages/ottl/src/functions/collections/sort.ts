import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { order, orderStrings } from '../../value/compare-values.ts';
import { asString } from '../../value/text.ts';
import { isList, typeName, type Value } from '../../value/value.ts';

export const sort = defineFunction({
  name: 'Sort',
  kind: 'converter',
  summary: 'A list in ascending order (asc, the default) or descending (desc).',
  details:
    'Numbers are compared as numbers. A list that has strings, bools or nil is compared as text. The elements keep their types. Lists of anything else stay as they are.',
  params: { target: p.value, order: p.optional(p.literalString) },
  returns: 'list',
  examples: [
    { code: 'Sort([3, 1, 2.5])', result: [1n, 2.5, 3n] },
    { code: 'Sort(["b", "a", "c"], "desc")', result: ['c', 'b', 'a'] },
    { code: 'Sort([true, "b", 10, 9])', result: [10n, 9n, 'b', true] },
    { code: 'Sort([[2], 1])', result: [[2n], 1n] },
    { code: 'Sort("a")', fails: 'expected pcommon.Slice but got string' },
    { code: 'Sort([1], "up")', invalid: 'order must be asc or desc, not "up"' },
  ],
  make: ({ target, order: direction = 'asc' }) => {
    if (direction !== 'asc' && direction !== 'desc') throw new Error(`order must be asc or desc, not "${direction}"`);
    const sign = direction === 'asc' ? 1 : -1;
    return (frame) => sorted(listOf(target(frame)), sign);
  },
});

function listOf(value: Value): readonly Value[] {
  if (isList(value)) return value;
  throw new OttlRuntimeError(`expected pcommon.Slice but got ${typeName(value)}`);
}

function sorted(list: readonly Value[], sign: number): readonly Value[] {
  let areNumbers = true;
  for (const each of list) {
    if (typeof each === 'object' && each !== null) return list;
    areNumbers &&= typeof each === 'bigint' || typeof each === 'number';
  }
  if (areNumbers) return list.toSorted((a, b) => sign * orderNumbers(a, b));
  const keyed = list.map((value) => ({ value, text: asString(value) }));
  return keyed.sort((a, b) => sign * orderStrings(a.text, b.text)).map(({ value }) => value);
}

/** NaN goes before all numbers. */
function orderNumbers(a: Value, b: Value): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  return Number.isNaN(b) ? 1 : order(a, b);
}
