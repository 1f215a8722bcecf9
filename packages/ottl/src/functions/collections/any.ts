import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { entriesOf, listOrMap, Predicate } from './entries.ts';

export const any = defineFunction({
  name: 'Any',
  kind: 'converter',
  summary:
    'Whether a predicate of index or key and value holds for some element of a list or map; false for an empty one.',
  params: { source: p.value, predicate: p.lambda },
  returns: 'bool',
  examples: [
    { code: 'Any(["dev", "prod"], (_, v) => v == "prod")', result: true },
    { code: 'Any(attributes, (k, v) => v > 3)', given: { attributes: { a: 1n } }, result: false },
    { code: 'Any({}, (k, v) => true)', result: false },
    { code: 'Any([1], (_, v) => v)', fails: 'predicate must return a bool, not int64' },
    { code: 'Any(attributes["missing"], (_, v) => true)', fails: 'source must be a slice or a map, not nil' },
  ],
  make: ({ source, predicate }) => {
    const holds = new Predicate(predicate);
    return (frame) => {
      for (const [key, value] of entriesOf(listOrMap(source(frame)))) if (holds.test(frame, key, value)) return true;
      return false;
    };
  },
});
