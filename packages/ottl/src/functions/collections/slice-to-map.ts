import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { isMap, typeName, type Value } from '../../value/value.ts';

export const sliceToMap = defineFunction({
  name: 'SliceToMap',
  kind: 'converter',
  summary: 'A map of a list of maps: keys and values are found in each element by a path of keys.',
  details:
    'Without `keyPath` the keys are the indexes, without `valuePath` the values are the elements. With one of them, all ' +
    'elements must be maps that have it, with a string for a key.',
  params: {
    target: p.slice,
    keyPath: p.optional(p.list(p.literalString)),
    valuePath: p.optional(p.list(p.literalString)),
  },
  returns: 'map',
  examples: [
    {
      code: 'SliceToMap([{"name": "foo", "value": 2}, {"name": "bar", "value": 5}], ["name"], ["value"])',
      result: new Map([
        ['foo', 2n],
        ['bar', 5n],
      ]),
    },
    { code: 'SliceToMap([{"a": 1}])', result: new Map([['0', new Map([['a', 1n]])]]) },
    { code: 'SliceToMap(["a"])', result: new Map([['0', 'a']]) },
    { code: 'SliceToMap([{"name": 1}], ["name"])', fails: 'the key of element 0 must be a string, not int64' },
    { code: 'SliceToMap([{"other": 1}], ["name"])', fails: 'element 0 has nothing under name' },
    { code: 'SliceToMap([1], ["name"])', fails: 'element 0 must be a map, not int64' },
    { code: 'SliceToMap(attributes["missing"], ["name"])', fails: 'expected pcommon.Slice but got nil' },
    { code: 'SliceToMap([], [])', invalid: 'keyPath must have at least one key' },
  ],
  make: ({ target, keyPath, valuePath }) => {
    if (keyPath?.length === 0) throw new Error('keyPath must have at least one key');
    if (valuePath?.length === 0) throw new Error('valuePath must have at least one key');
    return (frame) => {
      const out = new Map<string, Value>();
      for (const [i, element] of target(frame).entries()) {
        const key = keyPath === undefined ? String(i) : valueAt(element, keyPath, i);
        if (typeof key !== 'string')
          throw new OttlRuntimeError(`the key of element ${i} must be a string, not ${typeName(key)}`);
        out.set(key, valuePath === undefined ? element : valueAt(element, valuePath, i));
      }
      return out;
    };
  },
});

function valueAt(element: Value, path: readonly string[], place: number): Value {
  if (!isMap(element)) throw new OttlRuntimeError(`element ${place} must be a map, not ${typeName(element)}`);
  let current: Value | undefined = element;
  for (const key of path) current = current !== undefined && isMap(current) ? current.get(key) : undefined;
  if (current === undefined) throw new OttlRuntimeError(`element ${place} has nothing under ${path.join('.')}`);
  return current;
}
