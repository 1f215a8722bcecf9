import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { fnv1a64 } from './fnv1a.ts';

export const fnv = defineFunction({
  name: 'FNV',
  kind: 'converter',
  summary: 'The 64-bit FNV-1a hash of a string, as an int64.',
  params: { target: p.string },
  returns: 'int',
  examples: [
    { code: 'FNV("name")', result: -4270347329889690746n },
    { code: 'FNV("")', result: -3750763034362895579n },
    { code: 'FNV(1)', invalid: 'expected string but got int64' },
    { code: 'FNV(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target: text }) =>
    (frame) =>
      fnv1a64(Buffer.from(text(frame))),
});
