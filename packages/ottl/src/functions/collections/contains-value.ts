import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { areEqual } from '../../value/compare-values.ts';

export const containsValue = defineFunction({
  name: 'ContainsValue',
  kind: 'converter',
  summary: 'Whether a list has an element that is equal to a value, as comparisons see it.',
  params: { target: p.slice, item: p.value },
  returns: 'bool',
  examples: [
    {
      code: 'ContainsValue(attributes["tags"], "staging")',
      given: { attributes: { tags: ['staging'] } },
      result: true,
    },
    { code: 'ContainsValue([1.0, 2.2], 1)', result: true },
    { code: 'ContainsValue(["1"], 1)', result: false },
    { code: 'ContainsValue(attributes["missing"], 1)', fails: 'expected pcommon.Slice but got nil' },
  ],
  make:
    ({ target, item }) =>
    (frame) => {
      const wanted = item(frame);
      for (const each of target(frame)) if (areEqual(each, wanted)) return true;
      return false;
    },
});
