import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { murmur3Hex128 } from './murmur3-128.ts';

export const murmur3Hash128 = defineFunction({
  name: 'Murmur3Hash128',
  kind: 'converter',
  summary: 'The 128-bit Murmur3 hash (x64) of a string, in hex, the lowest byte of each half first.',
  params: { target: p.string },
  returns: 'string',
  examples: [
    { code: 'Murmur3Hash128("name")', result: 'ebda08fcdf95ce673ac70be02c22e003' },
    { code: 'Murmur3Hash128("")', result: '00000000000000000000000000000000' },
    { code: 'Murmur3Hash128(1)', invalid: 'expected string but got int64' },
    { code: 'Murmur3Hash128(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target: text }) =>
    (frame) =>
      murmur3Hex128(Buffer.from(text(frame))),
});
