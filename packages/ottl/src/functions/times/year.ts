import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { clockTimeOf } from './clock-time.ts';

export const year = defineFunction({
  name: 'Year',
  kind: 'converter',
  summary: 'The year of a time, in its zone.',
  params: { time: p.time },
  returns: 'int',
  examples: [
    { code: 'Year(Time("2023-05-26 12:34:56.789", "%F %T", "America/New_York"))', result: 2023n },
    { title: 'before 1970', code: 'Year(Unix(-1, -1))', result: 1969n },
    { code: 'Year(1)', invalid: 'expected time.Time but got int64' },
    { code: 'Year(attributes["missing"])', fails: 'expected time.Time but got nil' },
  ],
  make:
    ({ time }) =>
    (frame) =>
      BigInt(clockTimeOf(time(frame)).year),
});
