import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { checkArity, entriesOf, listOrMap, Predicate } from './entries.ts';

export const find = defineFunction({
  name: 'Find',
  kind: 'converter',
  summary:
    'The first element of a list or map for which a predicate holds, or what a mapper makes of it; nil if there is none.',
  params: { source: p.value, predicate: p.lambda, mapper: p.optional(p.lambda) },
  examples: [
    { code: 'Find([1, 2, 3], (_, v) => v > 1)', result: 2n },
    {
      code: 'Find(attributes, (_, v) => v == "prod", (k, _) => k)',
      given: { attributes: { a: 'dev', b: 'prod' } },
      result: 'b',
    },
    { code: 'Find([1], (_, v) => v > 1)', result: null },
    { code: 'Find("a", (_, v) => true)', fails: 'source must be a slice or a map, not string' },
    { code: 'Find([1], (_, v) => true, (v) => v)', invalid: 'mapper must have 2 parameters, it has 1' },
  ],
  make: ({ source, predicate, mapper }) => {
    const holds = new Predicate(predicate);
    if (mapper !== undefined) checkArity(mapper, 'mapper', 2);
    return (frame) => {
      for (const [key, value] of entriesOf(listOrMap(source(frame)))) {
        if (!holds.test(frame, key, value)) continue;
        return mapper === undefined ? value : mapper.run(frame, [key, value]);
      }
      return null;
    };
  },
});
