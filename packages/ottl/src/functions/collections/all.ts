import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { entriesOf, listOrMap, Predicate } from './entries.ts';

export const all = defineFunction({
  name: 'All',
  kind: 'converter',
  summary:
    'Whether a predicate of index or key and value holds for every element of a list or map; true for an empty one.',
  params: { source: p.value, predicate: p.lambda },
  returns: 'bool',
  examples: [
    { code: 'All(["prod", "prod"], (_, v) => v == "prod")', result: true },
    {
      code: 'All(attributes, (k, _) => HasPrefix(k, "http."))',
      given: { attributes: { 'http.a': 1n, b: 2n } },
      result: false,
    },
    { code: 'All([], (_, v) => v == 1)', result: true },
    { code: 'All("a", (_, v) => true)', fails: 'source must be a slice or a map, not string' },
    { code: 'All([1], (v) => true)', invalid: 'predicate must have 2 parameters, it has 1' },
  ],
  make: ({ source, predicate }) => {
    const holds = new Predicate(predicate);
    return (frame) => {
      for (const [key, value] of entriesOf(listOrMap(source(frame)))) if (!holds.test(frame, key, value)) return false;
      return true;
    };
  },
});
