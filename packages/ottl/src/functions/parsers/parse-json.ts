import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { parseJson as parse } from '../../value/parse-json.ts';

export const parseJson = defineFunction({
  name: 'ParseJSON',
  kind: 'converter',
  summary: 'Parses a JSON object or array to a map or a list. All numbers become float64.',
  deviation: 'Numbers with zeros in front, such as 01, are refused.',
  params: { target: p.string },
  examples: [
    { code: 'ParseJSON("{\\"attr\\":true}")', result: new Map([['attr', true]]) },
    { code: 'ParseJSON(body)["a"]["b"][1]', given: { body: '{"a":{"b":[1,2]}}' }, result: 2 },
    { code: 'ParseJSON(body)', given: { body: '{' }, fails: 'invalid JSON' },
    { code: 'ParseJSON(body)', given: { body: '1' }, fails: 'expected a JSON object or array but got number' },
    { code: 'ParseJSON(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      parse(target(frame)),
});
