import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { Id } from '../../value/id.ts';
import { Duration, Time } from '../../value/time.ts';
import { Part, isList, isMap, type Value } from '../../value/value.ts';

export const clear = defineFunction({
  name: 'clear',
  kind: 'editor',
  summary: 'Sets a field to the empty value of the type that it has: "", 0, false, an empty map or list.',
  details: 'What is nil is set to nil: an attribute that is not there comes to be, with an empty value.',
  params: { target: p.getSetter },
  examples: [
    {
      code: 'clear(attributes["http.method"])',
      given: { attributes: { 'http.method': 'GET' } },
      after: { attributes: { 'http.method': '' } },
    },
    { code: 'clear(attributes)', given: { attributes: { a: 1n } }, after: { attributes: {} } },
    { code: 'clear(severity_number)', given: { severityNumber: 9 }, after: { severityNumber: 0 } },
    { code: 'clear(attributes["missing"])', after: { attributes: { missing: null } } },
    { code: 'clear(1)', invalid: 'this cannot be written' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      target.set(frame, emptied(target.get(frame))),
});

/** The beginning of year 1, Go's empty time. */
const ZERO_TIME = new Time(-62_135_596_800_000_000_000n);

function emptied(value: Value): Value {
  switch (typeof value) {
    case 'string':
      return '';
    case 'bigint':
      return 0n;
    case 'number':
      return 0;
    case 'boolean':
      return false;
    default:
      if (value === null) return null;
      if (isMap(value)) return new Map();
      if (isList(value)) return [];
      if (value instanceof Uint8Array) return new Uint8Array(0);
      if (value instanceof Time) return ZERO_TIME;
      if (value instanceof Duration) return new Duration(0n);
      if (value instanceof Part) throw new OttlRuntimeError(`cannot clear ${value.type}`);
      return Id.of(value.kind, '');
  }
}
