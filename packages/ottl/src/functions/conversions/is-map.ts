import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { isMap as hasEntries } from '../../value/value.ts';

export const isMap = defineFunction({
  name: 'IsMap',
  kind: 'converter',
  summary: 'Whether a value is a map.',
  params: { target: p.value },
  returns: 'bool',
  examples: [
    { code: 'IsMap(attributes)', result: true },
    { code: 'IsMap(body)', given: { body: 'text' }, result: false },
    { code: 'IsMap(attributes["missing"])', result: false },
  ],
  make:
    ({ target }) =>
    (frame) =>
      hasEntries(target(frame)),
});
