import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { xxh3Hex128 } from './xxh3-128.ts';

export const xxh128 = defineFunction({
  name: 'XXH128',
  kind: 'converter',
  summary: 'The 128-bit XXH3 hash of a string, in hex.',
  params: { target: p.string },
  returns: 'string',
  examples: [
    { code: 'XXH128("name")', result: 'c96a918390b153ff53816205aaaa5e4a' },
    { code: 'XXH128("")', result: '99aa06d3014798d86001c324468d497f' },
    { code: 'XXH128(1)', invalid: 'expected string but got int64' },
    { code: 'XXH128(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target: text }) =>
    (frame) =>
      xxh3Hex128(Buffer.from(text(frame))),
});
