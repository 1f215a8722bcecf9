import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { Id } from '../../value/id.ts';
import { Duration } from '../../value/time.ts';
import { isList, isMap, type Value } from '../../value/value.ts';

export const isEmpty = defineFunction({
  name: 'IsEmpty',
  kind: 'converter',
  summary: 'Whether a value is nil, zero, false, without characters, bytes, elements or entries, or an id of zeros.',
  params: { target: p.value },
  returns: 'bool',
  examples: [
    { code: 'IsEmpty(attributes["missing"])', result: true },
    { code: 'IsEmpty("")', result: true },
    { code: 'IsEmpty(0)', result: true },
    { code: 'IsEmpty([])', result: true },
    { code: 'IsEmpty(trace_id)', result: true },
    { code: 'IsEmpty({"a": nil})', result: false },
    { code: 'IsEmpty("0")', result: false },
  ],
  make:
    ({ target }) =>
    (frame) =>
      test(target(frame)),
});

function test(value: Value): boolean {
  if (value === null || typeof value !== 'object') return value === null || [0, 0n, false, ''].includes(value);
  if (isMap(value)) return value.size === 0;
  if (isList(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Id) return value.isEmpty;
  return value instanceof Duration && value.nanos === 0n;
}
