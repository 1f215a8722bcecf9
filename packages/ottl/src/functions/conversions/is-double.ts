import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const isDouble = defineFunction({
  name: 'IsDouble',
  kind: 'converter',
  summary: 'Whether a value is a float64.',
  params: { target: p.value },
  returns: 'bool',
  examples: [
    { code: 'IsDouble(attributes["a"])', given: { attributes: { a: 1 } }, result: true },
    { code: 'IsDouble(attributes["a"])', given: { attributes: { a: 1n } }, result: false },
    { code: 'IsDouble(attributes["missing"])', result: false },
  ],
  make:
    ({ target }) =>
    (frame) =>
      typeof target(frame) === 'number',
});
