import type { WriteText } from '../../compile/compiled.ts';
import type { Frame } from '../../compile/frame.ts';
import { defineFunction } from '../../function/define-function.ts';
import type { Getter } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { textWriter } from '../../function/text-writer.ts';

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
  make: ({ vals, delimiter }) => {
    const join = (frame: Frame): string => {
      const between = delimiter(frame);
      const texts = vals(frame);
      let text = '';
      for (let i = 0; i < texts.length; i++) text += (i === 0 ? '' : between) + (texts[i] ?? '<nil>');
      return text;
    };
    return vals.items === undefined ? join : Object.assign(join, { write: writeJoined(vals.items, delimiter) });
  },
});

const NIL = new TextEncoder().encode('<nil>');

function writeJoined(items: readonly Getter<string | null>[], delimiter: Getter<string>): WriteText {
  const parts = items.map(textWriter);
  const between = textWriter(delimiter);
  return (frame, out) => {
    for (let i = 0; i < parts.length; i++) {
      if (i > 0) between(frame, out);
      if (!parts[i](frame, out)) out.append(NIL);
    }
    return true;
  };
}
