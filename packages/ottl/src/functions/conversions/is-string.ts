import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const isString = defineFunction({
  name: 'IsString',
  kind: 'converter',
  summary: 'Whether a value is a string.',
  params: { target: p.value },
  returns: 'bool',
  examples: [
    { code: 'IsString(body)', given: { body: 'text' }, result: true },
    { code: 'IsString(0x01)', result: false },
    { code: 'IsString(attributes["missing"])', result: false },
  ],
  make:
    ({ target }) =>
    (frame) =>
      typeof target(frame) === 'string',
});
