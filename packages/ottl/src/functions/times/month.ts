import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { clockTimeOf } from './clock-time.ts';

export const month = defineFunction({
  name: 'Month',
  kind: 'converter',
  summary: 'The month of a time, in its zone, from 1 to 12.',
  params: { time: p.time },
  returns: 'int',
  examples: [
    { code: 'Month(Time("2023-05-26 12:34:56.789", "%F %T", "America/New_York"))', result: 5n },
    { title: 'before 1970', code: 'Month(Unix(-1, -1))', result: 12n },
    { code: 'Month(1)', invalid: 'expected time.Time but got int64' },
    { code: 'Month(attributes["missing"])', fails: 'expected time.Time but got nil' },
  ],
  make:
    ({ time }) =>
    (frame) =>
      BigInt(clockTimeOf(time(frame)).month),
});
