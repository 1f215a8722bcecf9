import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const nanoseconds = defineFunction({
  name: 'Nanoseconds',
  kind: 'converter',
  summary: 'A duration in nanoseconds.',
  params: { duration: p.duration },
  returns: 'int',
  examples: [
    { code: 'Nanoseconds(Duration("1.5s"))', result: 1500000000n },
    { code: 'Nanoseconds(Duration("-1.5s"))', result: -1500000000n },
    { code: 'Nanoseconds(90)', invalid: 'expected time.Duration but got int64' },
    { code: 'Nanoseconds(attributes["missing"])', fails: 'expected time.Duration but got nil' },
  ],
  make:
    ({ duration }) =>
    (frame) =>
      duration(frame).nanos,
});
