import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const split = defineFunction({
  name: 'Split',
  kind: 'converter',
  summary: 'Cuts a string at each delimiter. An empty delimiter cuts it into its characters.',
  params: { target: p.string, delimiter: p.string },
  returns: 'list',
  examples: [
    { code: 'Split("A|B|C", "|")', result: ['A', 'B', 'C'] },
    { code: 'Split("A|B|C", "|")[1]', result: 'B' },
    { code: 'Split("A", "|")[1]', fails: 'index 1 out of bounds' },
    { code: 'Split("a😀", "")', result: ['a', '😀'] },
    { code: 'Split(attributes["missing"], ",")', fails: 'expected string but got nil' },
  ],
  make:
    ({ target, delimiter }) =>
    (frame) => {
      const text = target(frame);
      const between = delimiter(frame);
      return between === '' ? Array.from(text) : text.split(between);
    },
});
