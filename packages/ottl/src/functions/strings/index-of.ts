import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { areEqual } from '../../value/compare-values.ts';
import { isList, type Value } from '../../value/value.ts';

export const index = defineFunction({
  name: 'Index',
  kind: 'converter',
  summary: 'Where a value is first in a list, or a string in a string (in bytes); -1 where it is not.',
  params: { target: p.value, value: p.value },
  returns: 'int',
  examples: [
    { code: 'Index("hello world", "world")', result: 6n },
    { code: 'Index("ñb", "b")', result: 2n },
    { code: 'Index([1, 2.5, "a"], "a")', result: 2n },
    { code: 'Index(["a"], attributes["missing"])', result: -1n },
    { code: 'Index("1", 1)', fails: 'when target is a string, value must be one too' },
    { code: 'Index(attributes["missing"], "a")', fails: 'target must be a string or a slice' },
  ],
  make:
    ({ target, value }) =>
    (frame) =>
      BigInt(placeIn(target(frame), value(frame))),
});

function placeIn(target: Value, value: Value): number {
  if (isList(target)) return target.findIndex((each) => areEqual(each, value));
  if (typeof target !== 'string') throw new OttlRuntimeError('target must be a string or a slice');
  if (typeof value !== 'string') throw new OttlRuntimeError('when target is a string, value must be one too');
  const at = target.indexOf(value);
  return at <= 0 ? at : Buffer.byteLength(target.slice(0, at));
}
