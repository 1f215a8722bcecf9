import { defineFunction } from '../../function/define-function.ts';
import { derived } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { typeName, type Value } from '../../value/value.ts';
import { base64Decoder } from './base64.ts';
import { characterDecoder } from './character-decoder.ts';

export const decode = defineFunction({
  name: 'Decode',
  kind: 'converter',
  summary: 'The string that a string or bytes stand for in an encoding.',
  details:
    '`encoding` is the IANA name of a character set, or `base64`, `base64-raw` (without padding), `base64-url` or ' +
    '`base64-raw-url`.',
  params: { target: p.value, encoding: p.string },
  returns: 'string',
  deviation:
    'The character sets are those of the WHATWG encoding standard: most of IANA, without EBCDIC. Bytes that mean nothing ' +
    'become U+FFFD.',
  examples: [
    { code: 'Decode("aGVsbG8gd29ybGQ=", "base64")', result: 'hello world' },
    { code: 'Decode(0x68e9, "iso-8859-1")', result: 'hé' },
    { code: 'Decode(0x82a0, "shift_jis")', result: 'あ' },
    { code: 'Decode(0xff, "us-ascii")', result: '\ufffd' },
    { code: 'Decode("a", "bogus")', invalid: 'there is no encoding bogus' },
    { code: 'Decode(attributes["missing"], "utf-8")', fails: 'expected string or []byte but got nil' },
  ],
  make: ({ target, encoding }) => {
    const decoderOf = derived(encoding, decoderNamed);
    return (frame) => decoderOf(frame)(bytesOf(target(frame)));
  },
});

function decoderNamed(name: string): (bytes: Buffer) => string {
  const base64 = base64Decoder(name);
  return base64 === undefined ? characterDecoder(name) : (bytes) => base64(bytes.toString('latin1')).toString();
}

function bytesOf(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length);
  throw new OttlRuntimeError(`expected string or []byte but got ${typeName(value)}`);
}
