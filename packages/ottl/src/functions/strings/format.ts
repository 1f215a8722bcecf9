import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import type { Value } from '../../value/value.ts';
import { compileFormat } from './go-format.ts';

export const format = defineFunction({
  name: 'Format',
  kind: 'converter',
  summary: 'A format string of Go with its verbs filled in. Wrong arguments show in the result, as in Go.',
  details:
    'Verbs: `%v %s %q %x %X %d %b %o %O %c %U %e %E %f %F %g %G %t %T %%`, with the flags `+ - # 0` and space, width, ' +
    'precision, `*` and argument indexes such as `%[2]d`.',
  deviation:
    'Widths above 10,000 are refused as `%!(BADWIDTH)`, and floats show at most 100 decimals. Maps and lists are written ' +
    'with their contents. The `#` flag has no meaning for floats, and they have no `%x` and `%b`.',
  params: { format: p.literalString, vals: p.list(p.value) },
  returns: 'string',
  examples: [
    { code: 'Format("%02d", [7])', result: '07' },
    { code: 'Format("%s/%04d-%02d.log", ["app", 2024, 5])', result: 'app/2024-05.log' },
    { code: 'Format("%6.2f|%-4s|%+d", [3.14159, "ab", 5])', result: '  3.14|ab  |+5' },
    { code: 'Format("%d", ["a"])', result: '%!d(string=a)' },
    { code: 'Format("%s %d", [attributes["missing"]])', result: '%!s(<nil>) %!d(MISSING)' },
    { code: 'Format(1, [])', invalid: 'a literal of type string' },
  ],
  make: ({ format, vals }) => {
    const write = compileFormat(format);
    return (frame) => {
      const values = new Array<Value>(vals.length);
      for (let i = 0; i < values.length; i++) values[i] = vals[i](frame);
      return write(values);
    };
  },
});
