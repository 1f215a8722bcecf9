import { hash } from 'node:crypto';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const sha256 = defineFunction({
  name: 'SHA256',
  kind: 'converter',
  summary: 'The SHA-256 digest of a string, in hex.',
  params: { target: p.string },
  returns: 'string',
  examples: [
    { code: 'SHA256("name")', result: '82a3537ff0dbce7eec35d69edc3a189ee6f17d82f353a553f9aa96cb0be3ce89' },
    { code: 'SHA256(1)', invalid: 'expected string but got int64' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      hash('sha256', target(frame), 'hex'),
});
