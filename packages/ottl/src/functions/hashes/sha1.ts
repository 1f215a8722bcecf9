import { hash } from 'node:crypto';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const sha1 = defineFunction({
  name: 'SHA1',
  kind: 'converter',
  summary: 'The SHA-1 digest of a string, in hex. Broken: not for secrets.',
  params: { target: p.string },
  returns: 'string',
  examples: [
    { code: 'SHA1("name")', result: '6ae999552a0d2dca14d62e2bc8b764d377b1dd6c' },
    { code: 'SHA1(1)', invalid: 'expected string but got int64' },
    { code: 'SHA1(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target: text }) =>
    (frame) =>
      hash('sha1', text(frame), 'hex'),
});
