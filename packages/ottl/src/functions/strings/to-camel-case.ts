import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { toCamel as convert } from './letter-case.ts';

export const toCamelCase = defineFunction({
  name: 'ToCamelCase',
  kind: 'converter',
  summary: 'A string in camel case, beginning with a capital.',
  params: { target: p.string },
  returns: 'string',
  examples: [
    { code: 'ToCamelCase("my_metric_name")', result: 'MyMetricName' },
    { code: 'ToCamelCase("")', result: '' },
    { code: 'ToCamelCase(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      convert(target(frame)),
});
