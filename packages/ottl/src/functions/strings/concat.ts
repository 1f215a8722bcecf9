import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const concat = defineFunction({
  name: 'Concat',
  kind: 'converter',
  summary: 'Joins values to a string, with a delimiter between them. A value of nil reads "<nil>".',
  deviation: 'Trace and span ids become hex, where the Collector writes a list of their bytes.',
  params: { vals: p.stringLikes, delimiter: p.string },
  returns: 'string',
  examples: [
    { code: 'Concat(["a", "b"], "-")', result: 'a-b' },
    { code: 'Concat([1, 2.5, true, 0x0a], "")', result: '12.5true0a' },
    { code: 'Concat(["a", attributes["missing"]], ", ")', result: 'a, <nil>' },
    { code: 'Concat(Split(body, "-"), "/")', given: { body: 'a-b' }, result: 'a/b' },
    { code: 'Concat(body, "/")', given: { body: 'a' }, fails: 'expected pcommon.Slice but got string' },
  ],
  make:
    ({ vals, delimiter }) =>
    (frame) => {
      const between = delimiter(frame);
      const texts = vals(frame);
      let text = '';
      for (let i = 0; i < texts.length; i++) text += (i === 0 ? '' : between) + (texts[i] ?? '<nil>');
      return text;
    },
});
