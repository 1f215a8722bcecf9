import { expect, test } from 'vitest';
import { evaluate } from '../../testing/evaluate.ts';

/* What the Collector (pkg/ottl 0.150) gives for the same. */
test.each<[code: string, result: unknown]>([
  ['Hex(12)', '000000000000000c'],
  ['Hex(1.1)', '3ff199999999999a'],
  ['Hex("1")', '31'],
  ['Hex(true)', '01'],
  ['Hex(0x02)', '02'],
  ['Hex(attributes["missing"])', ''],
  ['Hex(-1)', 'ffffffffffffffff'],
  ['Base64Decode("aGVsbG8gd29ybGQ=")', 'hello world'],
  ['Base64Encode("test string")', 'dGVzdCBzdHJpbmc='],
  ['Base64Encode("??>", "base64-url")', 'Pz8-'],
  ['Base64Encode("a", "base64-raw")', 'YQ'],
  ['Decode("aGVsbG8gd29ybGQ=", "base64")', 'hello world'],
  ['Decode("aGVsbG8gd29ybGQ", "base64-raw")', 'hello world'],
  ['Decode("hi", "us-ascii")', 'hi'],
  ['Decode("hi", "utf-8")', 'hi'],
  ['Decode(0x68e9, "iso-8859-1")', 'hé'],
  ['Decode(0x00680069, "utf-16be")', 'hi'],
  ['Decode(0x68006900, "utf-16le")', 'hi'],
  ['Decode(0x82a0, "shift_jis")', 'あ'],
  ['Decode(0x80, "windows-1252")', '€'],
  ['Decode(0xff, "us-ascii")', '�'],
  ['Decode(0xff, "utf-8")', '�'],
  ['Decode(0xa4, "iso-8859-15")', '€'],
])('%s is %o', (code, result) => {
  expect(evaluate(code)).toBe(result);
});

test.each([
  'Base64Decode("!!")',
  'Base64Decode(1)',
  'Base64Encode("a", "hex")',
  'Base64Encode(1)',
  'Decode("aGVsbG8gd29ybGQ", "base64")',
  'Decode("hi", "bogus")',
  'Decode(1, "utf-8")',
  'Decode(attributes["missing"], "utf-8")',
  'Decode("aGk=", "BASE64")',
])('%s fails', (code) => {
  expect(() => evaluate(code)).toThrow(expect.objectContaining({ name: expect.stringMatching(/^Ottl/) as string }));
});
