import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import type { Value } from '../../value/value.ts';
import { checkArity, entriesOf, listOrMap } from './entries.ts';

export const reduce = defineFunction({
  name: 'Reduce',
  kind: 'converter',
  summary:
    'One value of all elements: an accumulator gets what there is so far, index or key, and value, from a seed on.',
  params: { source: p.value, seed: p.value, accumulator: p.lambda },
  examples: [
    { code: 'Reduce([1, 2, 3], 0, (acc, _, v) => acc + v)', result: 6n },
    { code: 'Reduce({"a": 1}, "", (acc, k, v) => Concat([acc, k, "=", v, ";"], ""))', result: 'a=1;' },
    { code: 'Reduce([], 7, (acc, _, v) => v)', result: 7n },
    { code: 'Reduce(attributes["missing"], 0, (acc, _, v) => v)', fails: 'source must be a slice or a map, not nil' },
    { code: 'Reduce([1], 0, (acc, v) => v)', invalid: 'accumulator must have 3 parameters, it has 2' },
  ],
  make: ({ source, seed, accumulator }) => {
    checkArity(accumulator, 'accumulator', 3);
    const values: Value[] = [null, null, null];
    return (frame) => {
      let result = seed(frame);
      for (const [key, value] of entriesOf(listOrMap(source(frame)))) {
        values[0] = result;
        values[1] = key;
        values[2] = value;
        result = accumulator.run(frame, values);
      }
      return result;
    };
  },
});
