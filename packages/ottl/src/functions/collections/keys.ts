import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const keys = defineFunction({
  name: 'Keys',
  kind: 'converter',
  summary: 'The keys of a map, in their order.',
  params: { target: p.map },
  returns: 'list',
  examples: [
    { code: 'Keys({"k1": "v1", "k2": 2})', result: ['k1', 'k2'] },
    { code: 'Keys({})', result: [] },
    { code: 'Keys([1])', invalid: 'expected pcommon.Map but got pcommon.Slice' },
    { code: 'Keys(attributes["missing"])', fails: 'expected pcommon.Map but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) => [...target(frame).keys()],
});
