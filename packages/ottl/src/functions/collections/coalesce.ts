import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const coalesce = defineFunction({
  name: 'Coalesce',
  kind: 'converter',
  summary: 'The first of some values that is not nil; nil if all are.',
  params: { values: p.list(p.value) },
  examples: [
    {
      code: 'Coalesce([attributes["missing"], attributes["a"], "unknown"])',
      given: { attributes: { a: 1n } },
      result: 1n,
    },
    { code: 'Coalesce([attributes["missing"], ""])', result: '' },
    { code: 'Coalesce([nil, nil])', result: null },
    { code: 'Coalesce([])', invalid: 'at least one value' },
  ],
  make: ({ values }) => {
    if (values.length === 0) throw new Error('at least one value is needed');
    return (frame) => {
      for (const each of values) {
        const value = each(frame);
        if (value !== null) return value;
      }
      return null;
    };
  },
});
