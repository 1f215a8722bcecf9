import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const bool = defineFunction({
  name: 'Bool',
  kind: 'converter',
  summary: 'Converts to bool: numbers are true unless they are zero, strings are parsed, nil stays nil.',
  details: 'The strings are `1`, `t`, `T`, `true`, `TRUE`, `True` and `0`, `f`, `F`, `false`, `FALSE`, `False`.',
  params: { target: p.boolLike },
  returns: 'bool',
  examples: [
    { code: 'Bool("true")', result: true },
    { code: 'Bool("0")', result: false },
    { code: 'Bool(0.5)', result: true },
    { code: 'Bool(0)', result: false },
    { code: 'Bool(attributes["missing"])', result: null },
    { code: 'Bool(body)', given: { body: 'yes' }, fails: 'cannot make a bool of string "yes"' },
    { code: 'Bool("yes")', invalid: 'cannot make a bool of string "yes"' },
  ],
  make: ({ target }) => target,
});
