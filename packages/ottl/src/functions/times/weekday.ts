import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { clockTimeOf } from './clock-time.ts';

export const weekday = defineFunction({
  name: 'Weekday',
  kind: 'converter',
  summary: 'The day of the week of a time, in its zone, from 0 (Sunday) to 6.',
  params: { time: p.time },
  returns: 'int',
  examples: [
    { code: 'Weekday(Time("2023-05-26 12:34:56.789", "%F %T", "America/New_York"))', result: 5n },
    { title: 'before 1970', code: 'Weekday(Unix(-1, -1))', result: 3n },
    { code: 'Weekday(1)', invalid: 'expected time.Time but got int64' },
    { code: 'Weekday(attributes["missing"])', fails: 'expected time.Time but got nil' },
  ],
  make:
    ({ time }) =>
    (frame) =>
      BigInt(clockTimeOf(time(frame)).weekday),
});
