import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { xxh3Hex64 } from './xxh3-64.ts';

export const xxh3 = defineFunction({
  name: 'XXH3',
  kind: 'converter',
  summary: 'The 64-bit XXH3 hash of a string, in hex.',
  params: { target: p.string },
  returns: 'string',
  examples: [
    { code: 'XXH3("name")', result: '0c354ecdc24a77d5' },
    { code: 'XXH3("")', result: '2d06800538d394c2' },
    { code: 'XXH3(1)', invalid: 'expected string but got int64' },
    { code: 'XXH3(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target: text }) =>
    (frame) =>
      xxh3Hex64(Buffer.from(text(frame))),
});
