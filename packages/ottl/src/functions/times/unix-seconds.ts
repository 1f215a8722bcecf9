import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { floorDivide } from './clock-time.ts';

export const unixSeconds = defineFunction({
  name: 'UnixSeconds',
  kind: 'converter',
  summary: 'The seconds since 1970 of a time.',
  params: { time: p.time },
  returns: 'int',
  examples: [
    { code: 'UnixSeconds(Time("02/04/2023", "%m/%d/%Y"))', result: 1675468800n },
    { title: 'before 1970', code: 'UnixSeconds(Unix(-1, -1))', result: -2n },
    { code: 'UnixSeconds(1)', invalid: 'expected time.Time but got int64' },
    { code: 'UnixSeconds(attributes["missing"])', fails: 'expected time.Time but got nil' },
  ],
  make:
    ({ time }) =>
    (frame) =>
      floorDivide(time(frame).unixNanos, 1_000_000_000n),
});
