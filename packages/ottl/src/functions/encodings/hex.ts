import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { toBytesLike } from '../../value/convert.ts';
import type { Value } from '../../value/value.ts';

export const hex = defineFunction({
  name: 'Hex',
  kind: 'converter',
  summary:
    'The bytes of a value in hex: numbers have eight, the highest first. Lists, maps, times and the like are nil.',
  params: { value: p.value },
  returns: 'string',
  examples: [
    { code: 'Hex(12)', result: '000000000000000c' },
    { code: 'Hex(1.1)', result: '3ff199999999999a' },
    { code: 'Hex("1")', result: '31' },
    { code: 'Hex(true)', result: '01' },
    { code: 'Hex(0x02ff)', result: '02ff' },
    { code: 'Hex(attributes["missing"])', result: '' },
    { code: 'Hex([1])', result: null },
  ],
  make:
    ({ value }) =>
    (frame) =>
      hexOf(value(frame)),
});

function hexOf(value: Value): string | null {
  if (value === null) return '';
  if (typeof value === 'object' && !(value instanceof Uint8Array)) return null;
  return Buffer.from(toBytesLike(value)!).toString('hex');
}
