import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { isList as hasItems } from '../../value/value.ts';

export const isList = defineFunction({
  name: 'IsList',
  kind: 'converter',
  summary: 'Whether a value is a list. Bytes are none.',
  params: { target: p.value },
  returns: 'bool',
  examples: [
    { code: 'IsList([1])', result: true },
    { code: 'IsList(body)', given: { body: ['a'] }, result: true },
    { code: 'IsList(0x01)', result: false },
    { code: 'IsList(attributes["missing"])', result: false },
  ],
  make:
    ({ target }) =>
    (frame) =>
      hasItems(target(frame)),
});
