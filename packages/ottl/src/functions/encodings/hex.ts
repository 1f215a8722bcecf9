import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const hex = defineFunction({
  name: 'Hex',
  kind: 'converter',
  summary: 'The bytes of a value in hex: numbers have eight, the highest first. Empty for nil.',
  params: { target: p.bytesLike },
  returns: 'string',
  examples: [
    { code: 'Hex(12)', result: '000000000000000c' },
    { code: 'Hex(1.1)', result: '3ff199999999999a' },
    { code: 'Hex("1")', result: '31' },
    { code: 'Hex(true)', result: '01' },
    { code: 'Hex(0x02ff)', result: '02ff' },
    { code: 'Hex(attributes["missing"])', result: '' },
    { code: 'Hex(attributes)', fails: 'cannot make bytes of pcommon.Map' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      Buffer.from(target(frame) ?? NONE).toString('hex'),
});

const NONE = new Uint8Array(0);
