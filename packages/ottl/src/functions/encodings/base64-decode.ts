import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { base64Decoder } from './base64.ts';

const decode = base64Decoder('base64')!;

export const base64Decode = defineFunction({
  name: 'Base64Decode',
  kind: 'converter',
  summary: 'The string that was encoded as base64. Deprecated: Decode does it, too.',
  params: { target: p.string },
  returns: 'string',
  deviation: 'Bytes that are no UTF-8 become U+FFFD.',
  examples: [
    { code: 'Base64Decode("aGVsbG8gd29ybGQ=")', result: 'hello world' },
    { code: 'Base64Decode("aGVsbG8gd29ybGQ")', fails: 'is no base64' },
    { code: 'Base64Decode(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      decode(target(frame)).toString(),
});
