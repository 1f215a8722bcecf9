import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const microseconds = defineFunction({
  name: 'Microseconds',
  kind: 'converter',
  summary: 'A duration in whole microseconds, towards zero.',
  params: { duration: p.duration },
  returns: 'int',
  examples: [
    { code: 'Microseconds(Duration("1500ns"))', result: 1n },
    { code: 'Microseconds(Duration("-1500ns"))', result: -1n },
    { code: 'Microseconds(90)', invalid: 'expected time.Duration but got int64' },
    { code: 'Microseconds(attributes["missing"])', fails: 'expected time.Duration but got nil' },
  ],
  make:
    ({ duration }) =>
    (frame) =>
      duration(frame).nanos / 1000n,
});
