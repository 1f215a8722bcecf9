import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { toSnake as convert } from './letter-case.ts';

export const toSnakeCase = defineFunction({
  name: 'ToSnakeCase',
  kind: 'converter',
  summary: 'A string in snake case.',
  params: { target: p.string },
  returns: 'string',
  examples: [
    { code: 'ToSnakeCase("MyMetricName")', result: 'my_metric_name' },
    { code: 'ToSnakeCase("")', result: '' },
    { code: 'ToSnakeCase(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      convert(target(frame)),
});
