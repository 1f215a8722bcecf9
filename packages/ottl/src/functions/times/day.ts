import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { clockTimeOf } from './clock-time.ts';

export const day = defineFunction({
  name: 'Day',
  kind: 'converter',
  summary: 'The day of the month of a time, in its zone, from 1 to 31.',
  params: { time: p.time },
  returns: 'int',
  examples: [
    { code: 'Day(Time("2023-05-26 12:34:56.789", "%F %T", "America/New_York"))', result: 26n },
    { title: 'before 1970', code: 'Day(Unix(-1, -1))', result: 31n },
    { code: 'Day(1)', invalid: 'expected time.Time but got int64' },
    { code: 'Day(attributes["missing"])', fails: 'expected time.Time but got nil' },
  ],
  make:
    ({ time }) =>
    (frame) =>
      BigInt(clockTimeOf(time(frame)).day),
});
