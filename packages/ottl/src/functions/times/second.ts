import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { clockTimeOf } from './clock-time.ts';

export const second = defineFunction({
  name: 'Second',
  kind: 'converter',
  summary: 'The second of a time, from 0 to 59.',
  params: { time: p.time },
  returns: 'int',
  examples: [
    { code: 'Second(Time("2023-05-26 12:34:56.789", "%F %T", "America/New_York"))', result: 56n },
    { title: 'before 1970', code: 'Second(Unix(-1, -1))', result: 58n },
    { code: 'Second(1)', invalid: 'expected time.Time but got int64' },
    { code: 'Second(attributes["missing"])', fails: 'expected time.Time but got nil' },
  ],
  make:
    ({ time }) =>
    (frame) =>
      BigInt(clockTimeOf(time(frame)).second),
});
