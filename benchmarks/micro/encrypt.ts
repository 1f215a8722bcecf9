/**
 * The encrypt and decrypt processors on 1,000 log records with 8 attributes each, of which one is encrypted, beside the bare
 * encryption of the same values:
 *
 *     node benchmarks/micro/encrypt.ts
 *
 * Ratios count, not absolutes.
 */
import { strictEqual } from 'node:assert';
import { createCipheriv, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Transform } from '../../packages/api/src/index.ts';
import { LogsBatch, LogsBuilder } from '../../packages/otlp/src/index.ts';
import decrypt from '../../plugins/processor-decrypt/src/index.ts';
import encrypt from '../../plugins/processor-encrypt/src/index.ts';
import { measure } from './measure.ts';
import { QUIET } from './plain-host.ts';

const RECORDS = 1000;

const builder = new LogsBuilder();
const scope = builder.addResource().addScope();
for (let i = 0; i < RECORDS; i++) {
  const record = scope.addRecord();
  record.body = `request ${i} for tenant-${i % 17} completed`;
  for (const name of ['http.request.method', 'http.route', 'net.peer.ip', 'session.id', 'cache', 'host']) {
    record.attributes.set(name, `${name} ${i % 50}`);
  }
  record.attributes.set('enduser.id', `user-${(i * 104_729) % 100_000}@example.com`);
  record.attributes.set('http.response.status_code', 200);
}
const request = builder.build().toBytes();

type EncryptConfig = Parameters<NonNullable<typeof encrypt.create>>[0];
type Field = Partial<EncryptConfig['fields'][number]>;
type Key = EncryptConfig['keys'][number];

const SECRET = { kid: 'k', value: Buffer.alloc(32, 1).toString('base64url') };

function encryptWith(field: Field, key: Key = SECRET, usesMax = 1e9): Transform {
  const fields = [
    { in: ['log' as const], names: [], patterns: [], paths: [], whole_body: false, mode: 'encrypt' as const, ...field },
  ];
  const contentKey = { max_uses: usesMax, max_age: 3_600_000 };
  return encrypt.create!({ keys: [key], fields, content_key: contentKey, pseudonym_bytes: 16 }, QUIET);
}

function decryptWith(names: string[]): Transform {
  const settings = { keys: [SECRET], in: ['log' as const], names, patterns: [], on_error: 'keep' as const };
  return decrypt.create!(settings, QUIET);
}

/** Consumed, so that nothing is optimized away. */
let sink = 0;

function run(transform: Transform, input = request): () => void {
  return () => {
    const batch = LogsBatch.of([input]);
    transform.logs!(batch);
    sink += batch.byteLength;
  };
}

const pem = (key: { export(options: object): string | Buffer }) =>
  key.export({ format: 'pem', type: 'spki' }).toString();
const ec = { kid: 'k', value: pem(generateKeyPairSync('x25519').publicKey) };
const rsa = { kid: 'k', value: pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey) };
const NAMES = { names: ['enduser.id'] };

const contentKey = createSecretKey(randomBytes(32));
const aad = randomBytes(80);
const iv = randomBytes(12);
const values = Array.from({ length: RECORDS }, (_, i) => Buffer.from(`user-${(i * 104_729) % 100_000}@example.com`));

function bareEncryption(): void {
  for (const value of values) {
    const cipher = createCipheriv('aes-256-gcm', contentKey, iv, { authTagLength: 16 });
    cipher.setAAD(aad);
    sink += cipher.update(value).length;
    cipher.final();
    sink += cipher.getAuthTag().length;
  }
}

/** What is decrypted must be what was encrypted before it may be fast. */
const sealed = LogsBatch.of([request]);
encryptWith(NAMES).logs!(sealed);
const sealedRequest = sealed.toBytes();
const restored = LogsBatch.of([sealedRequest]);
decryptWith([]).logs!(restored);
const ids = (batch: LogsBatch): string => {
  let text = '';
  for (const { attributes } of batch.records) text += attributes.getString('enduser.id');
  return text;
};
strictEqual(ids(restored), ids(LogsBatch.of([request])));

const PSEUDONYM_KEY = { ...SECRET, algorithm: 'HS256' as const };
const CASES: Readonly<Record<string, () => void>> = {
  'AES-256-GCM of the values, nothing else': bareEncryption,
  'encrypt: one attribute by name': run(encryptWith(NAMES)),
  'encrypt: one attribute by pattern': run(encryptWith({ patterns: ['^enduser\\.'] })),
  'encrypt: an int': run(encryptWith({ names: ['http.response.status_code'] })),
  'encrypt: the body': run(encryptWith({ whole_body: true })),
  'encrypt: nothing to encrypt': run(encryptWith({ names: ['no.such'] })),
  'encrypt: what is encrypted already': run(encryptWith(NAMES), sealedRequest),
  'encrypt: for an X25519 key': run(encryptWith(NAMES, ec)),
  'encrypt: for an RSA key': run(encryptWith(NAMES, rsa)),
  'encrypt: a pseudonym': run(encryptWith({ ...NAMES, mode: 'pseudonym' }, PSEUDONYM_KEY)),
  'decrypt: one attribute by name': run(decryptWith(['enduser.id']), sealedRequest),
  'decrypt: wherever it is': run(decryptWith([]), sealedRequest),
  'decrypt: nothing to decrypt': run(decryptWith([])),
};

console.log(`node ${process.version}; ${Math.round(request.length / RECORDS)} bytes a record`);
for (const [name, each] of Object.entries(CASES)) measure(name, RECORDS, each);

/** What a content key of its own for each value would cost; few values, as it is slow. */
for (const [name, key] of Object.entries({ A256KW: SECRET, X25519: ec, RSA: rsa })) {
  const transform = encryptWith(NAMES, key, 1);
  const started = process.hrtime.bigint();
  run(transform)();
  const micros = Number(process.hrtime.bigint() - started) / 1_000 / RECORDS;
  console.log(`  a content key for each value, ${name}: ${micros.toFixed(1)} µs each`);
}
if (sink === 0) console.log('nothing was read');
