import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const int = defineFunction({
  name: 'Int',
  kind: 'converter',
  summary: 'Converts to int64: floats lose their fraction, strings are parsed, bools are 1 or 0, nil stays nil.',
  params: { target: p.intLike },
  returns: 'int',
  examples: [
    { code: 'Int("2")', result: 2n },
    { code: 'Int(-2.9)', result: -2n },
    { code: 'Int(true)', result: 1n },
    { code: 'Int("9223372036854775807")', result: 9223372036854775807n },
    { code: 'Int(attributes["missing"])', result: null },
    { code: 'Int(body)', given: { body: '2.0' }, fails: 'cannot make an int of string "2.0"' },
    { code: 'Int("2.0")', invalid: 'cannot make an int of string "2.0"' },
  ],
  make: ({ target }) => target,
});
