import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const isBool = defineFunction({
  name: 'IsBool',
  kind: 'converter',
  summary: 'Whether a value is a bool.',
  params: { target: p.value },
  returns: 'bool',
  examples: [
    { code: 'IsBool(false)', result: true },
    { code: 'IsBool(42)', result: false },
    { code: 'IsBool(attributes["missing"])', result: false },
  ],
  make:
    ({ target }) =>
    (frame) =>
      typeof target(frame) === 'boolean',
});
