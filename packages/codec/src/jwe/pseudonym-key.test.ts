import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parseJweKey } from './parse-jwe-key.ts';
import type { PseudonymKey } from './pseudonym-key.ts';

const bytes = Buffer.alloc(40, 7);
const key = parseJweKey({ text: bytes.toString('base64url'), kid: 'ids-1', algorithm: 'HS256' }) as PseudonymKey;

test('a key longer than AES takes is one for pseudonyms', () => {
  expect(parseJweKey({ text: bytes.toString('base64url'), kid: 'k' }).algorithm).toBe('HS256');
});

test.each([16, 24, 32])('a pseudonym of %i bytes is the one that openssl makes', (length) => {
  const macopt = `hexkey:${bytes.toString('hex')}`;
  const mac = execFileSync('openssl', ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', macopt, '-binary'], {
    input: 'ada@example.com',
  });
  const expected = `hs256.ids-1.${mac.subarray(0, length).toString('base64url')}`;
  expect(key.pseudonymOf(Buffer.from('ada@example.com'), length)).toBe(expected);
  expect(key.hasMade(expected)).toBe(true);
});

test.each([
  'ada@example.com',
  'hs256.ids-1.',
  'hs256.ids-1.short',
  'hs256.ids-2.AAAAAAAAAAAAAAAAAAAAAA',
  'hs256.ids-1.AAAAAAAAAAAAAAAAAAAAAA.x',
])('is not taken for a pseudonym: %s', (text) => {
  expect(key.hasMade(text)).toBe(false);
});
