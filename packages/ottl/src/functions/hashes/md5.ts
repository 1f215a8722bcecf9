import { hash } from 'node:crypto';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const md5 = defineFunction({
  name: 'MD5',
  kind: 'converter',
  summary: 'The MD5 digest of a string, in hex. Broken: not for secrets.',
  params: { target: p.string },
  returns: 'string',
  examples: [
    { code: 'MD5("name")', result: 'b068931cc450442b63f5b3d276ea4297' },
    { code: 'MD5(1)', invalid: 'expected string but got int64' },
    { code: 'MD5(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target: text }) =>
    (frame) =>
      hash('md5', text(frame), 'hex'),
});
