import { hash } from 'node:crypto';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const sha512 = defineFunction({
  name: 'SHA512',
  kind: 'converter',
  summary: 'The SHA-512 digest of a string, in hex.',
  params: { target: p.string },
  returns: 'string',
  examples: [
    {
      code: 'SHA512("name")',
      result:
        'b114f311db0e009ca2a88a9b97b1d7b362ddb27dc3dd214c6d20327a1fc3add8cc488cca4cc3565a876f6040f8b73a7b92475be1d0b1bc453f6140fba7183b9a',
    },
    { code: 'SHA512(1)', invalid: 'expected string but got int64' },
    { code: 'SHA512(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target: text }) =>
    (frame) =>
      hash('sha512', text(frame), 'hex'),
});
