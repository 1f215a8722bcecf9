import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { Duration } from '../../value/time.ts';
import { parseDuration } from './parse-duration.ts';

export const duration = defineFunction({
  name: 'Duration',
  kind: 'converter',
  summary: 'Reads a duration such as "1h30m" or "1.5s" from a string. The units are ns, us, ms, s, m and h.',
  params: { duration: p.string },
  returns: 'duration',
  examples: [
    { code: 'Duration("3s")', result: new Duration(3_000_000_000n) },
    { code: 'Duration("-1.5h")', result: new Duration(-5_400_000_000_000n) },
    { code: 'Duration("0")', result: new Duration(0n) },
    { code: 'Duration("5")', fails: '"5" is no duration' },
    { code: 'Duration("10000000h")', fails: '"10000000h" is no duration' },
    { code: 'Duration(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ duration: text }) =>
    (frame) =>
      parseDuration(text(frame)),
});
