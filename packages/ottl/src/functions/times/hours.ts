import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const hours = defineFunction({
  name: 'Hours',
  kind: 'converter',
  summary: 'A duration in hours, with fractions.',
  params: { duration: p.duration },
  returns: 'float',
  examples: [
    { code: 'Hours(Duration("90m"))', result: 1.5 },
    { code: 'Hours(Duration("-90m"))', result: -1.5 },
    { code: 'Hours(90)', invalid: 'expected time.Duration but got int64' },
    { code: 'Hours(attributes["missing"])', fails: 'expected time.Duration but got nil' },
  ],
  make:
    ({ duration }) =>
    (frame) =>
      Number(duration(frame).nanos) / 3.6e12,
});
