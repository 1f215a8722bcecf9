import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const set = defineFunction({
  name: 'set',
  kind: 'editor',
  summary: 'Sets a field to a value. A value of nil changes nothing.',
  params: { target: p.setter, value: p.value },
  examples: [
    { code: 'set(attributes["env"], "prod")', given: { attributes: {} }, after: { attributes: { env: 'prod' } } },
    { code: 'set(severity_number, SEVERITY_NUMBER_ERROR)', after: { severityNumber: 17 } },
    {
      title: 'nil changes nothing',
      code: 'set(attributes["a"], attributes["missing"])',
      given: { attributes: { a: 1n } },
      after: { attributes: { a: 1n } },
    },
    { code: 'set(severity_number, "high")', fails: 'expects int64 but got string' },
  ],
  make: ({ target, value }) => {
    const { constant } = value;
    if (constant === null) return () => undefined;
    return (frame) => {
      const result = value(frame);
      if (result !== null) target.set(frame, result);
    };
  },
});
