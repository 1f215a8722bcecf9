import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { isList, type Value } from '../../value/value.ts';
import { checkArity, listOrMap } from './entries.ts';

export const mapEach = defineFunction({
  name: 'MapEach',
  kind: 'converter',
  summary: 'A list or map with each value replaced by what a mapper makes of index or key and value.',
  params: { source: p.value, mapper: p.lambda },
  examples: [
    { code: 'MapEach([1, 2], (_, v) => v * 2)', result: [2n, 4n] },
    {
      code: 'MapEach(attributes, (k, v) => Concat([k, v], "="))',
      given: { attributes: { a: 1n } },
      result: new Map([['a', 'a=1']]),
    },
    { code: 'MapEach([], (_, v) => v)', result: [] },
    { code: 'MapEach("a", (_, v) => v)', fails: 'source must be a slice or a map, not string' },
    { code: 'MapEach([1], () => 1)', invalid: 'mapper must have 2 parameters, it has 0' },
  ],
  make: ({ source, mapper }) => {
    checkArity(mapper, 'mapper', 2);
    const values: Value[] = [null, null];
    return (frame) => {
      const run = (key: Value, value: Value): Value => {
        values[0] = key;
        values[1] = value;
        return mapper.run(frame, values);
      };
      const given = listOrMap(source(frame));
      if (isList(given)) return given.map((value, i) => run(BigInt(i), value));
      const mapped = new Map<string, Value>();
      for (const [key, value] of given) mapped.set(key, run(key, value));
      return mapped;
    };
  },
});
