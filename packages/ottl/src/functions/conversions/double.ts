import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const double = defineFunction({
  name: 'Double',
  kind: 'converter',
  summary: 'Converts to float64: strings are parsed, bools are 1 or 0, nil stays nil.',
  params: { target: p.floatLike },
  returns: 'float',
  examples: [
    { code: 'Double("2.5")', result: 2.5 },
    { code: 'Double(2)', result: 2 },
    { code: 'Double(false)', result: 0 },
    { code: 'Double(attributes["missing"])', result: null },
    { code: 'Double(body)', given: { body: 'two' }, fails: 'cannot make a float of string "two"' },
    { code: 'Double("two")', invalid: 'cannot make a float of string "two"' },
  ],
  make: ({ target }) => target,
});
