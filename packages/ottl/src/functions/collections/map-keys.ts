import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { typeName, type Value } from '../../value/value.ts';
import { checkArity } from './entries.ts';

export const mapKeys = defineFunction({
  name: 'MapKeys',
  kind: 'converter',
  summary:
    'A map with each key replaced by what a mapper makes of key and value. Of one key twice, the last value stays.',
  params: { source: p.map, keyMapper: p.lambda },
  returns: 'map',
  examples: [
    {
      code: 'MapKeys(attributes, (k, _) => Concat(["http.", k], ""))',
      given: { attributes: { a: 1n } },
      result: new Map([['http.a', 1n]]),
    },
    { code: 'MapKeys({"a": 1, "b": 2}, (_, _) => "x")', result: new Map([['x', 2n]]) },
    { code: 'MapKeys({"a": 1}, (_, v) => v)', fails: 'keyMapper must return a string, not int64' },
    { code: 'MapKeys([1], (_, v) => "a")', invalid: 'expected pcommon.Map but got pcommon.Slice' },
  ],
  make: ({ source, keyMapper }) => {
    checkArity(keyMapper, 'keyMapper', 2);
    const values: Value[] = [null, null];
    return (frame) => {
      const mapped = new Map<string, Value>();
      for (const [key, value] of source(frame)) {
        values[0] = key;
        values[1] = value;
        const name = keyMapper.run(frame, values);
        if (typeof name !== 'string')
          throw new OttlRuntimeError(`keyMapper must return a string, not ${typeName(name)}`);
        mapped.set(name, value);
      }
      return mapped;
    };
  },
});
