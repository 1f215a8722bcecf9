import { type Signal, SIGNALS } from '@millrace/api';
import { JweDecryptor, JweError, type JweKey, openKey } from '@millrace/codec';
import { protoToJson } from '@millrace/otlp';
import { describeConformance } from '@millrace/testkit';
import { expect, test } from 'vitest';
import definition from './index.ts';
import { secretOf } from './testing/encrypt.ts';

/** The private key of the first example (RFC 7748 section 6.1), and the secret ones of the second. */
const BOB =
  '{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08","d":"XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os"}';
const rising = (first: number) => Buffer.from(Array.from({ length: 32 }, (_, i) => first + i)).toString('base64url');
const HIDING = [
  'in: [resource, scope, log, body, span, spanevent, spanlink, datapoint, exemplar]',
  'names: [service.name]',
  'patterns: ["."]',
].join(', ');

/** Everything that was encrypted, decrypted: the same wherever it was made. */
function decrypted(signal: Signal, output: Uint8Array): Uint8Array {
  const decryptor = new JweDecryptor([
    openKey({ kid: '2026-10', value: BOB }) as JweKey,
    openKey({ kid: 'k', value: secretOf(1) }) as JweKey,
  ]);
  const withSecret = new JweDecryptor([openKey({ kid: '2026-10', value: rising(0) }) as JweKey]);
  const json = Buffer.from(protoToJson(signal, output)).toString();
  return Buffer.from(
    json.replaceAll(/eyJ[\w.-]+/g, (token) => {
      const found = [decryptor, withSecret].map((each) => each.decrypt(token));
      const content = found.find((each) => each !== undefined && !(each instanceof JweError));
      if (content === undefined || content instanceof JweError) throw content ?? new Error(`no JWE: ${token}`);
      return `${content.contentType}:${content.plaintext.toString('hex')}`;
    }),
  );
}

describeConformance(new URL('./index.ts', import.meta.url), {
  configs: [
    `encrypt/all: { keys: [{ kid: k, value: ${secretOf(1)} }], fields: [{ ${HIDING} }, { whole_body: true }] }`,
  ],
  untouched: [
    `encrypt/nothing: { keys: [{ kid: k, value: ${secretOf(1)} }], fields: [{ names: [no.such], patterns: ["^no\\\\.such"], paths: [[deep, no]] }] }`,
    `encrypt/no_map: { keys: [{ kid: k, value: ${secretOf(1)} }], fields: [{ in: [body], names: [no.such] }] }`,
  ],
  comparable: decrypted,
});

test('every signal with attributes is encrypted', () => {
  const tools = { id: 'encrypt' } as never;
  const settings = { keys: [{ kid: 'k', value: secretOf(1) }], fields: [], content_key: {}, pseudonym_bytes: 16 };
  const made = definition.create!(settings as never, tools);
  expect(SIGNALS.filter((signal) => made[signal] !== undefined)).toEqual(['logs', 'traces', 'metrics']);
});
