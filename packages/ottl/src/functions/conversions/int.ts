import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { parseInt64, truncate } from '../../value/convert.ts';

export const int = defineFunction({
  name: 'Int',
  kind: 'converter',
  summary: 'Converts to int64: floats lose their fraction, strings are parsed, bools are 1 or 0. Anything else is nil.',
  params: { value: p.value },
  returns: 'int',
  examples: [
    { code: 'Int("2")', result: 2n },
    { code: 'Int(-2.9)', result: -2n },
    { code: 'Int(true)', result: 1n },
    { code: 'Int("2.0")', result: null },
    { code: 'Int("9223372036854775807")', result: 9223372036854775807n },
    { code: 'Int(attributes["missing"])', result: null },
  ],
  make:
    ({ value }) =>
    (frame) => {
      const given = value(frame);
      switch (typeof given) {
        case 'bigint':
          return given;
        case 'number':
          return truncate(given);
        case 'boolean':
          return given ? 1n : 0n;
        case 'string':
          return parseInt64(given) ?? null;
        default:
          return null;
      }
    },
});
