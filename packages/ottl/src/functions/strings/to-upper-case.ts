import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { toUpper as convert } from './letter-case.ts';

export const toUpperCase = defineFunction({
  name: 'ToUpperCase',
  kind: 'converter',
  summary: 'A string in uppercase.',
  params: { target: p.string },
  returns: 'string',
  examples: [
    { code: 'ToUpperCase("MyMetricName")', result: 'MYMETRICNAME' },
    { code: 'ToUpperCase("")', result: '' },
    { code: 'ToUpperCase(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      convert(target(frame)),
});
