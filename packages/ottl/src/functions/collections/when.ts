import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { typeName, type Value } from '../../value/value.ts';
import { checkArity } from './entries.ts';

const NO_VALUES: readonly Value[] = [];

export const when = defineFunction({
  name: 'When',
  kind: 'converter',
  summary: 'One of two values, as a condition says.',
  params: { condition: p.lambda, trueValue: p.value, falseValue: p.value },
  examples: [
    {
      code: 'When(() => attributes["n"] > 0, "positive", "other")',
      given: { attributes: { n: 1n } },
      result: 'positive',
    },
    { code: 'When(() => body == nil, 1, 2.0)', given: { body: 'text' }, result: 2 },
    { code: 'When(() => 1, "a", "b")', fails: 'condition must return a bool, not int64' },
    { code: 'When((a) => true, "a", "b")', invalid: 'condition must have 0 parameters, it has 1' },
  ],
  make: ({ condition, trueValue, falseValue }) => {
    checkArity(condition, 'condition', 0);
    return (frame) => {
      const result = condition.run(frame, NO_VALUES);
      if (typeof result !== 'boolean')
        throw new OttlRuntimeError(`condition must return a bool, not ${typeName(result)}`);
      return result ? trueValue(frame) : falseValue(frame);
    };
  },
});
