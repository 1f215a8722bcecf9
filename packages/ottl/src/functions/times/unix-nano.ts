import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { wrapInt } from '../../value/value.ts';

export const unixNano = defineFunction({
  name: 'UnixNano',
  kind: 'converter',
  summary: 'The nanoseconds since 1970 of a time. Times that an int64 does not reach wrap around.',
  params: { time: p.time },
  returns: 'int',
  examples: [
    { code: 'UnixNano(Time("02/04/2023", "%m/%d/%Y"))', result: 1675468800000000000n },
    { title: 'before 1970', code: 'UnixNano(Unix(-1, -1))', result: -1000000001n },
    { code: 'UnixNano(1)', invalid: 'expected time.Time but got int64' },
    { code: 'UnixNano(attributes["missing"])', fails: 'expected time.Time but got nil' },
  ],
  make:
    ({ time }) =>
    (frame) =>
      wrapInt(time(frame).unixNanos),
});
