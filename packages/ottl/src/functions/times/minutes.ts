import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const minutes = defineFunction({
  name: 'Minutes',
  kind: 'converter',
  summary: 'A duration in minutes, with fractions.',
  params: { duration: p.duration },
  returns: 'float',
  examples: [
    { code: 'Minutes(Duration("90s"))', result: 1.5 },
    { code: 'Minutes(Duration("-90s"))', result: -1.5 },
    { code: 'Minutes(90)', invalid: 'expected time.Duration but got int64' },
    { code: 'Minutes(attributes["missing"])', fails: 'expected time.Duration but got nil' },
  ],
  make:
    ({ duration }) =>
    (frame) =>
      Number(duration(frame).nanos) / 6e10,
});
