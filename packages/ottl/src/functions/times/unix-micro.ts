import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { floorDivide } from './clock-time.ts';

export const unixMicro = defineFunction({
  name: 'UnixMicro',
  kind: 'converter',
  summary: 'The microseconds since 1970 of a time.',
  params: { time: p.time },
  returns: 'int',
  examples: [
    { code: 'UnixMicro(Time("02/04/2023", "%m/%d/%Y"))', result: 1675468800000000n },
    { title: 'before 1970', code: 'UnixMicro(Unix(-1, -1))', result: -1000001n },
    { code: 'UnixMicro(1)', invalid: 'expected time.Time but got int64' },
    { code: 'UnixMicro(attributes["missing"])', fails: 'expected time.Time but got nil' },
  ],
  make:
    ({ time }) =>
    (frame) =>
      floorDivide(time(frame).unixNanos, 1000n),
});
