import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { parseFloat64 } from '../../value/convert.ts';

export const double = defineFunction({
  name: 'Double',
  kind: 'converter',
  summary: 'Converts to float64: strings are parsed, bools are 1 or 0. Anything else is nil.',
  params: { value: p.value },
  returns: 'float',
  examples: [
    { code: 'Double("2.5")', result: 2.5 },
    { code: 'Double(2)', result: 2 },
    { code: 'Double(false)', result: 0 },
    { code: 'Double("two")', result: null },
    { code: 'Double(attributes["missing"])', result: null },
  ],
  make:
    ({ value }) =>
    (frame) => {
      const given = value(frame);
      switch (typeof given) {
        case 'number':
          return given;
        case 'bigint':
        case 'boolean':
          return Number(given);
        case 'string':
          return parseFloat64(given) ?? null;
        default:
          return null;
      }
    },
});
