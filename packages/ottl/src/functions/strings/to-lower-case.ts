import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { toLower as convert } from './letter-case.ts';

export const toLowerCase = defineFunction({
  name: 'ToLowerCase',
  kind: 'converter',
  summary: 'A string in lowercase.',
  params: { target: p.string },
  returns: 'string',
  examples: [
    { code: 'ToLowerCase("MyMetricName")', result: 'mymetricname' },
    { code: 'ToLowerCase("")', result: '' },
    { code: 'ToLowerCase(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      convert(target(frame)),
});
