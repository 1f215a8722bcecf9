import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { collectorWith, secretOf } from './testing/encrypt.ts';

const key = { kid: 'k', value: secretOf(1) };
const ids = { kid: 'ids', algorithm: 'HS256', value: secretOf(2) };
const fields = [{ names: ['a'] }];
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const secretPem = rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

interface ConfigError {
  readonly where: string;
  readonly message: string;
}

async function errorsOf(settings: object): Promise<readonly ConfigError[]> {
  try {
    await (await collectorWith(settings)).shutdown();
  } catch (error) {
    return (error as { readonly errors: readonly ConfigError[] }).errors;
  }
  return [];
}

test.each([
  ['no keys', { keys: [], fields }, 'keys', /./],
  ['no fields', { keys: [key], fields: [] }, 'fields', /./],
  ['a key without a key', { keys: [{ kid: 'k' }], fields }, 'keys[0]', /missing/],
  ['a key with two', { keys: [{ ...key, file: '/x' }], fields }, 'keys[0]', /both/],
  [
    'a key file that is missing',
    { keys: [{ kid: 'k', file: '/no/such/key' }], fields },
    'keys[0].file',
    /no such file/,
  ],
  ['a key that is none', { keys: [{ kid: 'k', value: 'no key' }], fields }, 'keys[0].value', /JWK nor PEM/],
  ['a key without a name', { keys: [{ value: secretOf(1) }], fields }, 'keys[0].value', /set kid/],
  [
    'a key for something else',
    { keys: [{ ...key, algorithm: 'RSA-OAEP-256' }], fields },
    'keys[0].value',
    /does not fit/,
  ],
  ['an algorithm that is none', { keys: [{ ...key, algorithm: 'RSA1_5' }], fields }, 'keys[0].algorithm', /./],
  ['two keys of one name', { keys: [key, { ...ids, kid: 'k' }], fields }, 'keys[1]', /two keys/],
  ['an unknown active key', { keys: [key], active_key: 'x', fields }, 'active_key', /no key has the kid "x"/],
  ['an active key for pseudonyms', { keys: [key, ids], active_key: 'ids', fields }, 'active_key', /HS256/],
  [
    'an active pseudonym key that encrypts',
    { keys: [key, ids], active_pseudonym_key: 'k', fields },
    'active_pseudonym_key',
    /A256KW/,
  ],
  ['an unknown key of a field', { keys: [key], fields: [{ names: ['a'], key: 'x' }] }, 'fields[0].key', /"x"/],
  [
    'pseudonyms without a key',
    { keys: [key], fields: [{ names: ['a'], mode: 'pseudonym' }] },
    'fields[0].mode',
    /no key for "pseudonym"/,
  ],
  ['nothing but a key for pseudonyms', { keys: [ids], fields }, 'fields[0].mode', /no key for "encrypt"/],
  ['a field that is none', { keys: [key], fields: [{ in: ['log'] }] }, 'fields[0]', /names no field/],
  ['a place that is none', { keys: [key], fields: [{ in: ['logs'], names: ['a'] }] }, 'fields[0].in', /./],
  ['a pattern that is none', { keys: [key], fields: [{ patterns: ['('] }] }, 'fields[0].patterns[0]', /RE2/],
  ['a path that is empty', { keys: [key], fields: [{ paths: [[]] }] }, 'fields[0].paths[0]', /empty/],
  ['too many uses', { keys: [key], fields, content_key: { max_uses: 2 ** 32 + 1 } }, 'content_key.max_uses', /./],
  ['pseudonyms that are too short', { keys: [key], fields, pseudonym_bytes: 8 }, 'pseudonym_bytes', /./],
])('%s is refused where it stands', async (_, settings, where, message) => {
  const found = (await errorsOf(settings)).filter((each) => each.where.includes(where));
  expect(found.map((each) => each.message).join('\n')).toMatch(message);
});

test('no message shows a key', async () => {
  const broken = [
    { kid: 'a', value: secretPem.replace('MII', 'XXX') },
    { kid: 'b', value: `{"kty":"oct","k":"${secretOf(9)}"` },
    { kid: 'c', value: `${secretOf(9)} x` },
  ];
  const errors = await errorsOf({ keys: broken, fields });
  expect(errors).toHaveLength(3);
  const shown = inspect(errors, { depth: 9, showHidden: true });
  expect(shown).not.toContain(secretOf(9));
  expect(shown).not.toContain(secretPem.split('\n')[5]);
});
