import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { clockTimeOf } from './clock-time.ts';

export const nanosecond = defineFunction({
  name: 'Nanosecond',
  kind: 'converter',
  summary: 'The nanoseconds of a time within its second.',
  params: { time: p.time },
  returns: 'int',
  examples: [
    { code: 'Nanosecond(Time("2023-05-26 12:34:56.789", "%F %T", "America/New_York"))', result: 789000000n },
    { title: 'before 1970', code: 'Nanosecond(Unix(-1, -1))', result: 999999999n },
    { code: 'Nanosecond(1)', invalid: 'expected time.Time but got int64' },
    { code: 'Nanosecond(attributes["missing"])', fails: 'expected time.Time but got nil' },
  ],
  make:
    ({ time }) =>
    (frame) =>
      BigInt(clockTimeOf(time(frame)).nanosecond),
});
