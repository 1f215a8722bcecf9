import { defineFunction } from '../../function/define-function.ts';
import { constantGetter } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { Time } from '../../value/time.ts';
import { SECOND_NANOS } from './clock-time.ts';

export const unix = defineFunction({
  name: 'Unix',
  kind: 'converter',
  summary: 'The time that is so many seconds and nanoseconds after the beginning of 1970.',
  params: { seconds: p.int, nanoseconds: p.optional(p.int, constantGetter(0n)) },
  returns: 'time',
  examples: [
    { code: 'Unix(1672527600)', result: new Time(1_672_527_600_000_000_000n) },
    { code: 'Unix(1, 5000000000)', result: new Time(6_000_000_000n) },
    { code: 'Unix(1.5)', invalid: 'expected int64 but got float64' },
    { code: 'Unix(attributes["missing"])', fails: 'expected int64 but got nil' },
  ],
  make:
    ({ seconds, nanoseconds }) =>
    (frame) =>
      new Time(seconds(frame) * SECOND_NANOS + nanoseconds(frame)),
});
