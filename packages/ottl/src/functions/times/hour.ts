import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { clockTimeOf } from './clock-time.ts';

export const hour = defineFunction({
  name: 'Hour',
  kind: 'converter',
  summary: 'The hour of a time, in its zone, from 0 to 23.',
  params: { time: p.time },
  returns: 'int',
  examples: [
    { code: 'Hour(Time("2023-05-26 12:34:56.789", "%F %T", "America/New_York"))', result: 12n },
    { title: 'before 1970', code: 'Hour(Unix(-1, -1))', result: 23n },
    { code: 'Hour(1)', invalid: 'expected time.Time but got int64' },
    { code: 'Hour(attributes["missing"])', fails: 'expected time.Time but got nil' },
  ],
  make:
    ({ time }) =>
    (frame) =>
      BigInt(clockTimeOf(time(frame)).hour),
});
