import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { parseBool } from '../../value/convert.ts';

export const bool = defineFunction({
  name: 'Bool',
  kind: 'converter',
  summary: 'Converts to bool: numbers are true unless they are zero, strings are parsed. Anything else is nil.',
  details: 'The strings are `1`, `t`, `T`, `true`, `TRUE`, `True` and `0`, `f`, `F`, `false`, `FALSE`, `False`.',
  params: { value: p.value },
  returns: 'bool',
  examples: [
    { code: 'Bool("true")', result: true },
    { code: 'Bool("0")', result: false },
    { code: 'Bool(0.5)', result: true },
    { code: 'Bool(0)', result: false },
    { code: 'Bool("yes")', result: null },
    { code: 'Bool(attributes["missing"])', result: null },
  ],
  make:
    ({ value }) =>
    (frame) => {
      const given = value(frame);
      switch (typeof given) {
        case 'boolean':
          return given;
        case 'bigint':
          return given !== 0n;
        case 'number':
          return given !== 0;
        case 'string':
          return parseBool(given) ?? null;
        default:
          return null;
      }
    },
});
