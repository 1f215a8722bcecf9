import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const concat = defineFunction({
  name: 'Concat',
  kind: 'converter',
  summary: 'Joins values to a string, with a delimiter between them. A value of nil reads "<nil>".',
  params: { vals: p.list(p.stringLike), delimiter: p.string },
  returns: 'string',
  examples: [
    { code: 'Concat(["a", "b"], "-")', result: 'a-b' },
    { code: 'Concat([1, 2.5, true, 0x0a], "")', result: '12.5true0a' },
    { code: 'Concat(["a", attributes["missing"]], ", ")', result: 'a, <nil>' },
  ],
  make:
    ({ vals, delimiter }) =>
    (frame) => {
      const between = delimiter(frame);
      let text = '';
      for (let i = 0; i < vals.length; i++) text += (i === 0 ? '' : between) + (vals[i](frame) ?? '<nil>');
      return text;
    },
});
