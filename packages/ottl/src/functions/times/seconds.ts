import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const seconds = defineFunction({
  name: 'Seconds',
  kind: 'converter',
  summary: 'A duration in seconds, with fractions.',
  params: { duration: p.duration },
  returns: 'float',
  examples: [
    { code: 'Seconds(Duration("1500ms"))', result: 1.5 },
    { code: 'Seconds(Duration("-1500ms"))', result: -1.5 },
    { code: 'Seconds(90)', invalid: 'expected time.Duration but got int64' },
    { code: 'Seconds(attributes["missing"])', fails: 'expected time.Duration but got nil' },
  ],
  make:
    ({ duration }) =>
    (frame) =>
      Number(duration(frame).nanos) / 1e9,
});
