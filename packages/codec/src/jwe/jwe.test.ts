import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { CompactEncrypt, compactDecrypt, exportJWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { JweDecryptor } from './jwe-decryptor.ts';
import { JweEncryptor } from './jwe-encryptor.ts';
import { JweError } from './jwe-error.ts';
import { JWE_ALGORITHMS, type JweAlgorithm } from './jwe-header.ts';
import type { JweKey } from './jwe-key.ts';
import { parseJweKey } from './parse-jwe-key.ts';

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function pairOf(secret: KeyObject): Pair {
  return { publicKey: secret, privateKey: secret };
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEYS: readonly (readonly [string, JweAlgorithm, Pair])[] = [
  ['dir', 'dir', pairOf(createSecretKey(randomBytes(32)))],
  ['A256KW', 'A256KW', pairOf(createSecretKey(randomBytes(32)))],
  ['A256GCMKW', 'A256GCMKW', pairOf(createSecretKey(randomBytes(32)))],
  ['ECDH-ES+A256KW with P-256', 'ECDH-ES+A256KW', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['ECDH-ES+A256KW with X25519', 'ECDH-ES+A256KW', generateKeyPairSync('x25519')],
  ['RSA-OAEP-256', 'RSA-OAEP-256', rsa],
];

const jwkText = async (key: KeyObject) => JSON.stringify(await exportJWK(key));

async function keyOf(key: KeyObject, algorithm: JweAlgorithm, kid = 'k1'): Promise<JweKey> {
  return parseJweKey({ text: await jwkText(key), kid, algorithm }) as JweKey;
}

const MANY = { usesMax: 1_000, ageMsMax: 60_000 };
const PLAINTEXTS = ['', 'a', 'ada@example.com', 'x'.repeat(100_000), 'žluťoučký kůň 🐎'];

function opened(decryptor: JweDecryptor, token: string): string {
  const content = decryptor.decrypt(token);
  if (content === undefined || content instanceof JweError) throw content ?? new Error('no JWE');
  return content.plaintext.toString();
}

describe.each(KEYS)('%s', (_, algorithm, { publicKey, privateKey }) => {
  test('tokens that we make are opened by jose, whoever came first with the content key', async () => {
    const encryptor = new JweEncryptor(await keyOf(publicKey, algorithm), MANY);
    for (const text of PLAINTEXTS) {
      const token = encryptor.encrypt(Buffer.from(text), 'json');
      const { plaintext, protectedHeader } = await compactDecrypt(token, privateKey);
      expect(Buffer.from(plaintext).toString()).toBe(text);
      expect(protectedHeader).toMatchObject({ alg: algorithm, enc: 'A256GCM', kid: 'k1', cty: 'json' });
    }
  });

  test('tokens that jose makes are opened by us', async () => {
    const decryptor = new JweDecryptor([await keyOf(privateKey, algorithm)]);
    for (const text of PLAINTEXTS) {
      const token = await new CompactEncrypt(Buffer.from(text))
        .setProtectedHeader({ alg: algorithm, enc: 'A256GCM', kid: 'k1' })
        .encrypt(publicKey);
      expect(opened(decryptor, token)).toBe(text);
    }
  });

  test('a token that was changed anywhere does not open', async () => {
    const token = new JweEncryptor(await keyOf(publicKey, algorithm), MANY).encrypt(Buffer.from('secret text'));
    const decryptor = new JweDecryptor([await keyOf(privateKey, algorithm)]);
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.nat(digits.length - 1), (at, digit) => {
        const changed = token.slice(0, at) + digits[digit] + token.slice(at + 1);
        const bytes = (text: string) => text.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
        // The last digit of a part may have bits that mean nothing.
        fc.pre(String(bytes(changed)) !== String(bytes(token)));
        const result = decryptor.decrypt(changed);
        expect(result === undefined || result instanceof JweError).toBe(true);
      }),
      { numRuns: 150 },
    );
    expect(opened(decryptor, token)).toBe('secret text');
  });

  test('a key of the same name and algorithm that is another does not open it', async () => {
    const other = JWE_OTHERS[algorithm]();
    const token = new JweEncryptor(await keyOf(publicKey, algorithm), MANY).encrypt(Buffer.from('x'));
    const decryptor = new JweDecryptor([await keyOf(other, algorithm)]);
    expect(decryptor.decrypt(token)).toMatchObject({ code: 'ALTERED' });
  });
});

const JWE_OTHERS: Readonly<Record<JweAlgorithm, () => KeyObject>> = {
  dir: () => createSecretKey(randomBytes(32)),
  A256KW: () => createSecretKey(randomBytes(32)),
  A256GCMKW: () => createSecretKey(randomBytes(32)),
  'ECDH-ES+A256KW': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'RSA-OAEP-256': () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
};

test('every algorithm is tried', () => {
  expect(new Set(KEYS.map(([, algorithm]) => algorithm))).toEqual(new Set(JWE_ALGORITHMS));
});

test('who holds the public key only cannot read what it wrote', async () => {
  const key = await keyOf(rsa.publicKey, 'RSA-OAEP-256');
  const token = new JweEncryptor(key, MANY).encrypt(Buffer.from('x'));
  expect(new JweDecryptor([key]).decrypt(token)).toMatchObject({ code: 'UNKNOWN_KEY' });
});

test('ECDH honours the party infos of other senders', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const token = await new CompactEncrypt(Buffer.from('for Bob'))
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: 'k1' })
    .setKeyManagementParameters({ apu: Buffer.from('Alice'), apv: Buffer.from('Bob') })
    .encrypt(publicKey);
  expect(opened(new JweDecryptor([await keyOf(privateKey, 'ECDH-ES+A256KW')]), token)).toBe('for Bob');
});

describe('a decryptor', () => {
  const secret = createSecretKey(randomBytes(32));

  test('chooses among several keys by their names', async () => {
    const [old, current] = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(32))];
    const keys = [await keyOf(old, 'A256KW', 'old'), await keyOf(current, 'A256GCMKW', 'new')];
    const tokens = keys.map((key) => new JweEncryptor(key, MANY).encrypt(Buffer.from(`for ${key.kid}`)));
    const decryptor = new JweDecryptor(keys);
    expect(tokens.map((token) => opened(decryptor, token))).toEqual(['for old', 'for new']);
  });

  test.each([
    ['an unknown key', { kid: 'other' }, 'UNKNOWN_KEY'],
    ['no key', { kid: undefined }, 'UNKNOWN_KEY'],
    ['another algorithm than the key has', { alg: 'dir' }, 'UNSUPPORTED'],
    ['another content encryption', { enc: 'A128GCM' }, 'UNSUPPORTED'],
    ['compression', { zip: 'DEF' }, 'UNSUPPORTED'],
    ['extensions', { crit: ['x'], x: 1 }, 'UNSUPPORTED'],
    ['a content type that is no text', { cty: 7 }, 'MALFORMED'],
  ])('refuses a token whose header names %s', async (_, change, code) => {
    const key = await keyOf(secret, 'A256KW');
    const [, ...rest] = new JweEncryptor(key, MANY).encrypt(Buffer.from('x')).split('.');
    const header = JSON.stringify({ alg: 'A256KW', enc: 'A256GCM', kid: 'k1', ...change });
    const token = [Buffer.from(header).toString('base64url'), ...rest].join('.');
    const decryptor = new JweDecryptor([key]);
    expect(decryptor.decrypt(token)).toMatchObject({ name: 'JweError', code });
    // The second time from memory.
    expect(decryptor.decrypt(token)).toMatchObject({ code });
  });

  test.each([
    '',
    'eyJ',
    'eyJhIjoxfQ.a.b.c',
    'plain text',
    'eyJhIjoxfQ....',
    'eyJ.x.aaaaaaaaaaaaaaaa.x.aaaaaaaaaaaaaaaaaaaaaa',
  ])('leaves alone what is no JWE: %j', async (text) => {
    expect(new JweDecryptor([await keyOf(secret, 'A256KW')]).decrypt(text)).toBeUndefined();
  });

  test('calls a header that is no JSON malformed', async () => {
    const token = `eyJ${'a'.repeat(40)}..${'a'.repeat(16)}.x.${'a'.repeat(22)}`;
    expect(new JweDecryptor([await keyOf(secret, 'A256KW')]).decrypt(token)).toMatchObject({ code: 'MALFORMED' });
  });

  test('remembers a bounded number of content keys and opens all the same', async () => {
    const key = await keyOf(secret, 'A256KW');
    const encryptor = new JweEncryptor(key, { usesMax: 1, ageMsMax: 60_000 });
    const decryptor = new JweDecryptor([key]);
    const tokens = Array.from({ length: 3_000 }, (_, index) => encryptor.encrypt(Buffer.from(`${index}`)));
    for (const [index, token] of [...tokens, ...tokens].entries()) {
      expect(opened(decryptor, token)).toBe(`${index % tokens.length}`);
    }
  });
});

describe('an encryptor', () => {
  const encryptorWith = async (options: { usesMax: number; ageMsMax: number }, algorithm: JweAlgorithm = 'A256KW') =>
    new JweEncryptor(await keyOf(createSecretKey(randomBytes(32)), algorithm), options);
  const contentKeys = (tokens: readonly string[]) => new Set(tokens.map((token) => token.split('.')[1])).size;
  const encryptMany = (encryptor: JweEncryptor, count: number) =>
    Array.from({ length: count }, () => encryptor.encrypt(Buffer.from('same')));

  test('uses a content key as often as it may, and never an IV twice', async () => {
    const tokens = encryptMany(await encryptorWith({ usesMax: 700, ageMsMax: 60_000 }), 2_000);
    expect(contentKeys(tokens)).toBe(3);
    expect(new Set(tokens.map((token) => token.split('.')[2])).size).toBe(2_000);
  });

  test('changes the content key when it is old', async () => {
    const encryptor = await encryptorWith({ usesMax: 1_000, ageMsMax: 1_000 });
    const tokens = [0, 999, 1_000, 1_500, 2_000].flatMap((nowMs) => {
      encryptor.tick(nowMs);
      return encryptMany(encryptor, 2);
    });
    expect(contentKeys(tokens.slice(0, 4))).toBe(1);
    expect(contentKeys(tokens)).toBe(3);
  });

  test('has one content key for all content types', async () => {
    const encryptor = await encryptorWith(MANY);
    const tokens = ['json', undefined, 'octet-stream'].map((type) => encryptor.encrypt(Buffer.from('x'), type));
    expect(contentKeys(tokens)).toBe(1);
    expect(new Set(tokens.map((token) => token.split('.')[0])).size).toBe(3);
  });

  test('stops when a key that cannot change has done what it may', async () => {
    const encryptor = await encryptorWith({ usesMax: 3, ageMsMax: 1 }, 'dir');
    encryptMany(encryptor, 3);
    encryptor.tick(10);
    expect(() => encryptor.encrypt(Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'KEY_EXHAUSTED' }));
  });
});
