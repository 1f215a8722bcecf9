import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { isMap, type Value, type ValueMap } from '../../value/value.ts';

export const sliceToMap = defineFunction({
  name: 'SliceToMap',
  kind: 'converter',
  summary: 'A map of a list of maps: keys and values are found in each element by a path of keys.',
  details:
    'Without `keyPath` the keys are the indexes, without `valuePath` the values are the elements. Elements that are no ' +
    'maps, or have no string for a key or nothing for a value, are left out.',
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
    { code: 'SliceToMap([{"name": 1}, "text", {"other": "a"}], ["name"])', result: new Map() },
    { code: 'SliceToMap(attributes["missing"], ["name"])', fails: 'expected pcommon.Slice but got nil' },
    { code: 'SliceToMap([], [])', invalid: 'keyPath must have at least one key' },
  ],
  make: ({ target, keyPath, valuePath }) => {
    if (keyPath?.length === 0) throw new Error('keyPath must have at least one key');
    if (valuePath?.length === 0) throw new Error('valuePath must have at least one key');
    return (frame) => {
      const out = new Map<string, Value>();
      for (const [i, element] of target(frame).entries()) {
        if (!isMap(element)) continue;
        const key = keyPath === undefined ? String(i) : valueAt(element, keyPath);
        const value = valuePath === undefined ? element : valueAt(element, valuePath);
        if (typeof key === 'string' && value !== undefined) out.set(key, value);
      }
      return out;
    };
  },
});

function valueAt(map: ValueMap, path: readonly string[]): Value | undefined {
  let current: Value | undefined = map;
  for (const key of path) current = current !== undefined && isMap(current) ? current.get(key) : undefined;
  return current;
}
