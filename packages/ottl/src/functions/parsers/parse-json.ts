import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { parseJson as parse } from '../../value/parse-json.ts';

export const parseJson = defineFunction({
  name: 'ParseJSON',
  kind: 'converter',
  summary: 'Parses JSON to a map, a list or a scalar. All numbers become float64.',
  params: { target: p.string },
  examples: [
    { code: 'ParseJSON("{\\"attr\\":true}")', result: new Map([['attr', true]]) },
    { code: 'ParseJSON(body)["a"]["b"][1]', given: { body: '{"a":{"b":[1,2]}}' }, result: 2 },
    { code: 'ParseJSON(body)', given: { body: '{' }, fails: 'invalid JSON' },
    { code: 'ParseJSON(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      parse(target(frame)),
});
