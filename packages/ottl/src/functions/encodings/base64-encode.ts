import { defineFunction } from '../../function/define-function.ts';
import { constantGetter, derived } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { base64Encoder } from './base64.ts';

export const base64Encode = defineFunction({
  name: 'Base64Encode',
  kind: 'converter',
  summary: 'Encodes a string as base64.',
  details: '`variant` is `base64`, `base64-raw` (without padding), `base64-url` or `base64-raw-url`.',
  params: { target: p.string, variant: p.optional(p.string, constantGetter('base64')) },
  returns: 'string',
  examples: [
    { code: 'Base64Encode("test string")', result: 'dGVzdCBzdHJpbmc=' },
    { code: 'Base64Encode("??>", "base64-url")', result: 'Pz8-' },
    { code: 'Base64Encode("a", "base64-raw")', result: 'YQ' },
    { code: 'Base64Encode("a", "hex")', invalid: 'there is no variant hex of base64' },
    { code: 'Base64Encode(1)', invalid: 'expected string but got int64' },
  ],
  make: ({ target, variant }) => {
    const encoderOf = derived(variant, (name) => {
      const encoder = base64Encoder(name);
      if (encoder === undefined) throw new OttlRuntimeError(`there is no variant ${name} of base64`);
      return encoder;
    });
    return (frame) => encoderOf(frame)(Buffer.from(target(frame)));
  },
});
