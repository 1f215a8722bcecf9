import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { murmur3Hex32 } from './murmur3.ts';

export const murmur3Hash = defineFunction({
  name: 'Murmur3Hash',
  kind: 'converter',
  summary: 'The 32-bit Murmur3 hash of a string, in hex, the lowest byte first.',
  params: { target: p.string },
  returns: 'string',
  examples: [
    { code: 'Murmur3Hash("name")', result: 'f043afdb' },
    { code: 'Murmur3Hash("")', result: '00000000' },
    { code: 'Murmur3Hash(1)', invalid: 'expected string but got int64' },
    { code: 'Murmur3Hash(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target: text }) =>
    (frame) =>
      murmur3Hex32(Buffer.from(text(frame))),
});
