import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { floorDivide } from './clock-time.ts';

export const unixMilli = defineFunction({
  name: 'UnixMilli',
  kind: 'converter',
  summary: 'The milliseconds since 1970 of a time.',
  params: { time: p.time },
  returns: 'int',
  examples: [
    { code: 'UnixMilli(Time("02/04/2023", "%m/%d/%Y"))', result: 1675468800000n },
    { title: 'before 1970', code: 'UnixMilli(Unix(-1, -1))', result: -1001n },
    { code: 'UnixMilli(1)', invalid: 'expected time.Time but got int64' },
    { code: 'UnixMilli(attributes["missing"])', fails: 'expected time.Time but got nil' },
  ],
  make:
    ({ time }) =>
    (frame) =>
      floorDivide(time(frame).unixNanos, 1_000_000n),
});
