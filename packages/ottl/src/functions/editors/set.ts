import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { setAttributeTo } from '../../function/set-attribute-to.ts';

export const set = defineFunction({
  name: 'set',
  kind: 'editor',
  summary: 'Sets a field to a value.',
  details:
    'nil makes an attribute, an entry of a map or the body empty, and empties maps and lists. Other fields refuse it: write ' +
    '`where ... != nil` for values that may be missing.',
  params: { target: p.setter, value: p.value },
  examples: [
    { code: 'set(attributes["env"], "prod")', given: { attributes: {} }, after: { attributes: { env: 'prod' } } },
    { code: 'set(severity_number, SEVERITY_NUMBER_ERROR)', after: { severityNumber: 17 } },
    {
      code: 'set(attributes["a"], attributes["missing"])',
      given: { attributes: { a: 1n } },
      after: { attributes: { a: null } },
    },
    { code: 'set(severity_text, attributes["missing"])', fails: 'setting a value to nil is not supported' },
    { code: 'set(attributes["t"], time)', fails: 'cannot store time.Time' },
    { code: 'set(severity_number, "high")', fails: 'expects int64 but got string' },
  ],
  make: ({ target, value }) => setAttributeTo(target, value, (frame) => target.set(frame, value(frame))),
});
