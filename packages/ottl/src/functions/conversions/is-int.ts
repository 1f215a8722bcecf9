import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const isInt = defineFunction({
  name: 'IsInt',
  kind: 'converter',
  summary: 'Whether a value is an int64.',
  params: { target: p.value },
  returns: 'bool',
  examples: [
    { code: 'IsInt(attributes["a"])', given: { attributes: { a: 1n } }, result: true },
    { code: 'IsInt(attributes["a"])', given: { attributes: { a: 1 } }, result: false },
    { code: 'IsInt(attributes["missing"])', result: false },
  ],
  make:
    ({ target }) =>
    (frame) =>
      typeof target(frame) === 'bigint',
});
