import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const values = defineFunction({
  name: 'Values',
  kind: 'converter',
  summary: 'The values of a map, in their order.',
  params: { target: p.map },
  returns: 'list',
  examples: [
    { code: 'Values({"k1": "v1", "k2": 2})', result: ['v1', 2n] },
    { code: 'Values({})', result: [] },
    { code: 'Values([1])', invalid: 'expected pcommon.Map but got pcommon.Slice' },
    { code: 'Values(attributes["missing"])', fails: 'expected pcommon.Map but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) => [...target(frame).values()],
});
