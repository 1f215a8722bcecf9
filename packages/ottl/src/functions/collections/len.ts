import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { isList, isMap, Part, typeName, type Value } from '../../value/value.ts';

export const len = defineFunction({
  name: 'Len',
  kind: 'converter',
  summary: 'The length of a string in bytes, or the number of entries of a list, a map or a slice of telemetry.',
  params: { target: p.value },
  returns: 'int',
  examples: [
    { code: 'Len("añb")', result: 4n },
    { code: 'Len([1, 2])', result: 2n },
    { code: 'Len(attributes)', given: { attributes: { a: 1n } }, result: 1n },
    { code: 'Len(0x0102)', result: 2n },
    { code: 'Len(1)', fails: 'int64' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      BigInt(lengthOf(target(frame))),
});

function lengthOf(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (isList(value) || value instanceof Uint8Array) return value.length;
  if (isMap(value)) return value.size;
  if (value instanceof Part && value.length !== undefined) return value.length;
  throw new OttlRuntimeError(`target arg must be a string, a slice or a map, not ${typeName(value)}`);
}
