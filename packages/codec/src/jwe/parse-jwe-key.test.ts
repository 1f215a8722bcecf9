import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { JweDecryptor } from './jwe-decryptor.ts';
import { JweEncryptor } from './jwe-encryptor.ts';
import type { JweKey } from './jwe-key.ts';
import { readKeyFile } from './key-file.ts';
import { parseJweKey } from './parse-jwe-key.ts';

const raw = randomBytes(32);
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const x25519 = generateKeyPairSync('x25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

const pem = (key: KeyObject, type: 'pkcs8' | 'spki' | 'sec1' | 'pkcs1') =>
  key.export({ format: 'pem', type } as never) as unknown as string;
const jwk = (key: KeyObject, more: object = {}) => JSON.stringify({ ...key.export({ format: 'jwk' }), ...more });

describe('a key is read from', () => {
  test.each([
    ['base64url', raw.toString('base64url'), 'A256KW', true],
    ['base64 with padding and a line end', `${raw.toString('base64')}\n`, 'A256KW', true],
    ['an oct JWK', JSON.stringify({ kty: 'oct', k: raw.toString('base64url') }), 'A256KW', true],
    ['an oct JWK for dir', JSON.stringify({ kty: 'oct', k: raw.toString('base64url'), alg: 'dir' }), 'dir', true],
    ['an EC JWK', jwk(ec.privateKey), 'ECDH-ES+A256KW', true],
    ['a public EC JWK', jwk(ec.publicKey), 'ECDH-ES+A256KW', false],
    ['an X25519 JWK', jwk(x25519.privateKey, { use: 'enc' }), 'ECDH-ES+A256KW', true],
    ['an RSA JWK', jwk(rsa.privateKey), 'RSA-OAEP-256', true],
    ['PKCS #8 (EC)', pem(ec.privateKey, 'pkcs8'), 'ECDH-ES+A256KW', true],
    ['SEC 1', pem(ec.privateKey, 'sec1'), 'ECDH-ES+A256KW', true],
    ['PKCS #1', pem(rsa.privateKey, 'pkcs1'), 'RSA-OAEP-256', true],
    ['SPKI (X25519)', pem(x25519.publicKey, 'spki'), 'ECDH-ES+A256KW', false],
    ['SPKI (RSA)', pem(rsa.publicKey, 'spki'), 'RSA-OAEP-256', false],
  ])('%s', (_, text, algorithm, canDecrypt) => {
    const key = parseJweKey({ text, kid: 'k' });
    expect(key).toMatchObject({ kid: 'k', algorithm, canDecrypt });
    const token = new JweEncryptor(key as JweKey, { usesMax: 9, ageMsMax: 9 }).encrypt(Buffer.from('x'));
    expect(new JweDecryptor([key as JweKey]).decrypt(token)).toMatchObject(
      canDecrypt ? { plaintext: Buffer.from('x') } : { code: 'UNKNOWN_KEY' },
    );
  });
});

test('a key is read from a certificate', () => {
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', '/dev/null', '-subj', '/CN=fields'];
  const text = execFileSync('openssl', request, { encoding: 'utf8', stdio: 'pipe' });
  expect(parseJweKey({ text, kid: 'k' })).toMatchObject({ algorithm: 'RSA-OAEP-256', canDecrypt: false });
});

test('a JWK may bring its name', () => {
  expect(parseJweKey({ text: jwk(ec.publicKey, { kid: '2026-10' }) }).kid).toBe('2026-10');
});

const secretText = 'c2VjcmV0LXNlY3JldC1zZWNyZXQ';

describe('a key is refused that', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const signing = generateKeyPairSync('ed25519');
  test.each([
    ['is empty', { text: ' ' }, /empty/],
    ['has no name', { text: raw.toString('base64url'), kid: undefined }, /set kid/],
    ['has a name with spaces', { text: raw.toString('base64url'), kid: 'a b' }, /kid must have/],
    ['has two names', { text: jwk(ec.publicKey, { kid: 'other' }) }, /kid is k here and other in the JWK/],
    [
      'has two algorithms',
      { text: jwk(rsa.publicKey, { alg: 'RSA-OAEP' }), algorithm: 'RSA-OAEP-256' },
      /algorithm is/,
    ],
    ['wants what is not offered', { text: jwk(rsa.publicKey, { alg: 'RSA1_5' }) }, /RSA1_5 is not supported/],
    ['does not fit', { text: jwk(rsa.publicKey), algorithm: 'A256KW' }, /does not fit this key.*RSA-OAEP-256/],
    ['is too long for AES', { text: randomBytes(48).toString('base64url'), algorithm: 'A256KW' }, /with HS256/],
    ['is too short', { text: secretText }, /32 bytes/],
    ['is another text', { text: `password: ${secretText}` }, /neither JWK nor PEM/],
    ['is broken JSON', { text: `{"kty":"oct","k":"${secretText}"` }, /no JSON/],
    ['is a JWK without its key', { text: '{"kty":"oct"}' }, /no "k"/],
    ['is a broken JWK', { text: `{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"${secretText}"}` }, /not valid/],
    ['is a JWK of unknown kind', { text: '{"kty":"AKP"}' }, /not valid/],
    ['is for signatures', { text: jwk(ec.publicKey, { use: 'sig' }) }, /"use"/],
    ['is on a curve for signatures', { text: jwk(signing.privateKey) }, /ed25519/],
    ['is on another curve', { text: jwk(p384.privateKey) }, /P-256, X25519 or RSA/],
    ['is weak', { text: pem(small.privateKey, 'pkcs8') }, /1024 bits is too weak/],
    ['is broken PEM', { text: `-----BEGIN PRIVATE KEY-----\n${secretText}\n-----END PRIVATE KEY-----` }, /not valid/],
  ] as const)('%s, and the message keeps it', (_, input, message) => {
    let error: unknown;
    try {
      parseJweKey({ kid: 'k', ...input });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ name: 'JweError', code: 'MALFORMED_KEY', message: expect.stringMatching(message) });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secretText);
  });

  test('is protected by a password', () => {
    const text = ec.privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'p' });
    expect(() => parseJweKey({ text: text as string, kid: 'k' })).toThrow(/password/);
  });
});

test('a key does not show itself', () => {
  for (const text of [raw.toString('base64url'), jwk(ec.privateKey)]) {
    const key = parseJweKey({ text, kid: 'k' });
    const shown = inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key);
    const { d = raw.toString('base64url') } = text.startsWith('{') ? (JSON.parse(text) as { d: string }) : {};
    expect(shown).not.toContain(d);
    expect(shown).not.toContain(raw.toString('hex').slice(0, 8));
  }
});

describe('a key file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-jwe-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = (name: string, text: string, mode: number) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  test.each([
    ['raw', raw.toString('base64url')],
    ['jwk', jwk(ec.privateKey)],
    ['oct', JSON.stringify({ kty: 'oct', k: raw.toString('base64url') })],
    ['pem', pem(rsa.privateKey, 'pkcs8')],
  ])('with a secret (%s) may be read by its owner and group only', (name, text) => {
    expect(readKeyFile(file(`${name}-600`, text, 0o600))).toBe(text);
    expect(readKeyFile(file(`${name}-440`, text, 0o440))).toBe(text);
    for (const mode of [0o644, 0o660, 0o602]) {
      const path = file(`${name}-${mode}`, text, mode);
      expect(() => readKeyFile(path)).toThrow(
        expect.objectContaining({ code: 'KEY_FILE', message: expect.stringContaining(path) }),
      );
    }
  });

  test.each([
    ['jwk', jwk(ec.publicKey)],
    ['pem', pem(rsa.publicKey, 'spki')],
  ])('with a public key (%s) may be read by everybody', (name, text) => {
    expect(readKeyFile(file(`${name}-public`, text, 0o644))).toBe(text);
  });

  test('that is missing, a directory, a device or far too large is refused', () => {
    expect(() => readKeyFile(join(directory, 'none'))).toThrow(/there is no such file/);
    expect(() => readKeyFile(directory)).toThrow(/not a file/);
    expect(() => readKeyFile('/dev/zero')).toThrow(/not a file/);
    expect(() => readKeyFile(file('large', 'x'.repeat(70_000), 0o600))).toThrow(/it is no key/);
  });
});
