import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const milliseconds = defineFunction({
  name: 'Milliseconds',
  kind: 'converter',
  summary: 'A duration in whole milliseconds, towards zero.',
  params: { duration: p.duration },
  returns: 'int',
  examples: [
    { code: 'Milliseconds(Duration("1500us"))', result: 1n },
    { code: 'Milliseconds(Duration("-1500us"))', result: -1n },
    { code: 'Milliseconds(90)', invalid: 'expected time.Duration but got int64' },
    { code: 'Milliseconds(attributes["missing"])', fails: 'expected time.Duration but got nil' },
  ],
  make:
    ({ duration }) =>
    (frame) =>
      duration(frame).nanos / 1_000_000n,
});
