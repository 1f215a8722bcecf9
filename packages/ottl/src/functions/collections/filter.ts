import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { isList, type Value } from '../../value/value.ts';
import { entriesOf, listOrMap, Predicate } from './entries.ts';

export const filter = defineFunction({
  name: 'Filter',
  kind: 'converter',
  summary: 'The elements of a list or map for which a predicate of index or key and value holds.',
  params: { source: p.value, predicate: p.lambda },
  examples: [
    { code: 'Filter(["dev", "prod"], (_, v) => v == "prod")', result: ['prod'] },
    {
      code: 'Filter(attributes, (k, _) => HasPrefix(k, "http."))',
      given: { attributes: { 'http.a': 1n, b: 2n } },
      result: new Map([['http.a', 1n]]),
    },
    { code: 'Filter([1, 2, 3], (i, _) => i > 0)', result: [2n, 3n] },
    { code: 'Filter(1, (_, v) => true)', fails: 'source must be a slice or a map, not int64' },
  ],
  make: ({ source, predicate }) => {
    const holds = new Predicate(predicate);
    return (frame) => {
      const given = listOrMap(source(frame));
      if (isList(given)) return given.filter((value, i) => holds.test(frame, BigInt(i), value));
      const kept = new Map<string, Value>();
      for (const [key, value] of entriesOf(given)) if (holds.test(frame, key, value)) kept.set(key as string, value);
      return kept;
    };
  },
});
