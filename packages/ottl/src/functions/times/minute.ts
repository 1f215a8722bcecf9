import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { clockTimeOf } from './clock-time.ts';

export const minute = defineFunction({
  name: 'Minute',
  kind: 'converter',
  summary: 'The minute of a time, in its zone, from 0 to 59.',
  params: { time: p.time },
  returns: 'int',
  examples: [
    { code: 'Minute(Time("2023-05-26 12:34:56.789", "%F %T", "America/New_York"))', result: 34n },
    { title: 'before 1970', code: 'Minute(Unix(-1, -1))', result: 59n },
    { code: 'Minute(1)', invalid: 'expected time.Time but got int64' },
    { code: 'Minute(attributes["missing"])', fails: 'expected time.Time but got nil' },
  ],
  make:
    ({ time }) =>
    (frame) =>
      BigInt(clockTimeOf(time(frame)).minute),
});
