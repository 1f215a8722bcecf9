import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { double, encodeAnyValue, jsonToProto, LogsBatch, LogsBuilder, protoToJson } from '@millrace/otlp';
import { samplesOf } from '@millrace/testkit';
import * as fc from 'fast-check';
import { CompactEncrypt } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { collectorWith, decrypt, decryptRecord, K1, type KeyValue, secretOf, tokenOf } from './testing/decrypt.ts';

const ALL = { keys: [K1] };
const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } });
const map = (...values: KeyValue[]) => ({ kvlistValue: { values } });
const FOREIGN = tokenOf('x', undefined, { kid: 'other', value: secretOf(2) });
const ALTERED = `${tokenOf('x').slice(0, -22)}${'A'.repeat(22)}`;

describe('a content becomes a value by its type', () => {
  test.each([
    ['none', undefined, 'a text', { stringValue: 'a text' }],
    ['none, and no UTF-8', undefined, Buffer.from([0xff, 0]), { bytesValue: '/wA=' }],
    ['none, and JSON', undefined, '{"intValue":"42"}', { stringValue: '{"intValue":"42"}' }],
    ['octet-stream', 'octet-stream', 'abc', { bytesValue: 'YWJj' }],
    ['application/octet-stream', 'application/octet-stream', '', { bytesValue: '' }],
    ['json, an int', 'json', '{"intValue":"9223372036854775807"}', { intValue: '9223372036854775807' }],
    ['json, a double', 'application/JSON', '{"doubleValue":1}', { doubleValue: 1 }],
    ['json, a map', 'json', JSON.stringify(map(text('a', 'b'))), map(text('a', 'b'))],
    ['json of somebody else', 'json', '{"a":1}', { stringValue: '{"a":1}' }],
    ['json with more than a value', 'json', '{"intValue":"1","a":1}', { stringValue: '{"intValue":"1","a":1}' }],
    ['json that is a list', 'json', '[1]', { stringValue: '[1]' }],
    ['json that says no int', 'json', '{"intValue":"x"}', { stringValue: '{"intValue":"x"}' }],
    ['json that would leave its place', 'json', '{}},{"body":{}', { stringValue: '{}},{"body":{}' }],
    ['another', 'jwt', 'a.b.c', { stringValue: 'a.b.c' }],
  ])('%s', async (_, contentType, plaintext, value) => {
    const token = { stringValue: tokenOf(plaintext, contentType) };
    const found = await decryptRecord(ALL, { attributes: [{ key: 'a', value: token }], body: token });
    expect(found).toEqual({ attributes: [{ key: 'a', value }], body: value });
  });
});

describe('encrypt and decrypt give back the very bytes', () => {
  const IN = ['resource', 'scope', 'log', 'span', 'spanevent', 'spanlink', 'datapoint', 'exemplar'];
  const both = (fields: readonly object[]) => collectorWith({ encrypt: { keys: [K1], fields }, decrypt: ALL });
  const anyValue = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.double().map((value) => double(value)),
      fc.uint8Array(),
      fc.array(tie('value')),
      // An empty key has two forms on the wire, and becomes the shorter one.
      fc.dictionary(fc.string({ minLength: 1 }), tie('value')),
    ),
  })).value;

  test('for any value, in attributes and bodies', async () => {
    await using collector = await both([{ patterns: ['.'] }, { whole_body: true }]);
    await fc.assert(
      fc.asyncProperty(anyValue, async (value) => {
        const raw = encodeAnyValue(value as string);
        const builder = new LogsBuilder();
        const record = builder.addResource().addScope().addRecord();
        record.attributes.setRaw('key', raw);
        record.bodyField.raw = raw;
        await collector.in().send('logs', builder.build().toBytes());
        const found: string[] = [];
        for (const { attributes, bodyField } of LogsBatch.of([collector.out().accepted.at(-1)!.bytes]).records) {
          found.push(Buffer.from(attributes.raw('key')!).toString('hex'), Buffer.from(bodyField.raw).toString('hex'));
        }
        const expected = Buffer.from(raw).toString('hex');
        expect(found).toEqual([expected, expected]);
      }),
      { numRuns: 200 },
    );
  });

  test.each(['logs', 'traces', 'metrics'] as const)(
    'for %s of all kinds, and nothing passes in between',
    async (signal) => {
      await using collector = await both([{ in: IN, patterns: ['.', '^$'] }, { whole_body: true }]);
      for (const { bytes } of samplesOf(signal)) {
        await collector.in().send(signal, bytes);
        // As JSON, since an attribute that is set has its key written even where that is empty.
        const json = (request: Uint8Array) => Buffer.from(protoToJson(signal, request)).toString();
        expect(json(collector.out().accepted.at(-1)!.bytes)).toBe(json(bytes));
      }
      const counts = [...(await collector.metrics())].filter(([name]) => /_(?:en|de)crypted_fields/.test(name));
      expect(new Set(counts.map(([, count]) => count)).size).toBe(1);
      expect(counts).toHaveLength(2);
      expect(counts[0][1]).toBeGreaterThan(10);
    },
  );
});

describe('keys', () => {
  const pairs: readonly (readonly [
    string,
    'ECDH-ES+A256KW' | 'RSA-OAEP-256',
    { publicKey: KeyObject; privateKey: KeyObject },
  ])[] = [
    ['X25519', 'ECDH-ES+A256KW', generateKeyPairSync('x25519')],
    ['P-256', 'ECDH-ES+A256KW', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['RSA', 'RSA-OAEP-256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ];

  test.each(pairs)(
    'what jose encrypted for a public key (%s) is decrypted with the private one, from a file',
    async (_, alg, pair) => {
      const directory = mkdtempSync(join(tmpdir(), 'millrace-decrypt-'));
      onTestFinished(() => rmSync(directory, { recursive: true }));
      const file = join(directory, 'key.pem');
      writeFileSync(file, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }));
      chmodSync(file, 0o600);
      const token = await new CompactEncrypt(Buffer.from('for you'))
        .setProtectedHeader({ alg, enc: 'A256GCM', kid: 'mine' })
        .encrypt(pair.publicKey);
      const found = await decryptRecord({ keys: [K1, { kid: 'mine', file }] }, { attributes: [text('a', token)] });
      expect(found.attributes).toEqual([text('a', 'for you')]);
      chmodSync(file, 0o644);
      await expect(collectorWith({ decrypt: { keys: [{ kid: 'mine', file }] } })).rejects.toThrow(/chmod 600/);
    },
  );

  test.each([
    [
      'a public key',
      { kid: 'k', value: JSON.stringify(pairs[0][2].publicKey.export({ format: 'jwk' })) },
      /public one/,
    ],
    ['a key for pseudonyms', { kid: 'k', value: Buffer.alloc(48).toString('base64') }, /pseudonyms/],
    ['none', { kid: 'k' }, /missing/],
    ['a text that is none', { kid: 'k', value: 'x' }, /JWK nor PEM/],
    ['two of one name', K1, /two keys with the kid "k1"/],
  ])('%s is refused', async (_, key, message) => {
    await expect(collectorWith({ decrypt: { keys: [K1, key] } })).rejects.toThrow(message);
  });

  test('a pattern that is none is refused', async () => {
    await expect(collectorWith({ decrypt: { ...ALL, patterns: ['('] } })).rejects.toThrow(/RE2/);
  });
});

describe('only what is chosen is searched', () => {
  const token = tokenOf('x');
  const attributes = [text('user.id', token), text('pii.a', token), { key: 'user', value: map(text('id', token)) }];
  const shown = (list: readonly KeyValue[]) =>
    list.filter(({ value }) => !JSON.stringify(value).includes(token)).map(({ key }) => key);

  test.each([
    ['all', {}, ['user.id', 'pii.a', 'user']],
    ['names', { names: ['user.id'] }, ['user.id']],
    ['patterns', { patterns: ['^pii', '^user$'] }, ['pii.a', 'user']],
    ['other places', { in: ['span', 'resource', 'body'] }, []],
  ])('%s', async (_, more, expected) => {
    expect(shown((await decryptRecord({ ...ALL, ...more }, { attributes })).attributes)).toEqual(expected);
    if ('in' in more) return;
    const { body } = await decryptRecord({ ...ALL, ...more }, { body: map(...attributes) });
    expect(shown((body as ReturnType<typeof map>).kvlistValue.values)).toEqual(expected);
  });

  test.each(['resource', 'scope', 'span', 'spanevent', 'spanlink'])('%s', async (place) => {
    const own = [text('a', token)];
    const span = { name: 's', attributes: own, events: [{ name: 'e', attributes: own }], links: [{ attributes: own }] };
    const request = {
      resourceSpans: [
        { resource: { attributes: own }, scopeSpans: [{ scope: { name: 'n', attributes: own }, spans: [span] }] },
      ],
    };
    const json = JSON.stringify(await decrypt({ ...ALL, in: [place] }, 'traces', request));
    expect(json.split(token).length - 1).toBe(4);
  });

  test.each(['datapoint', 'exemplar'])('%s', async (place) => {
    const own = [text('a', token)];
    const point = {
      timeUnixNano: '1',
      attributes: own,
      asInt: '1',
      exemplars: [{ asInt: '1', filteredAttributes: own }],
    };
    const request = {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [point] } }] }] }],
    };
    const json = JSON.stringify(await decrypt({ ...ALL, in: [place] }, 'metrics', request));
    expect(json.split(token).length - 1).toBe(1);
  });
});

describe('what does not open', () => {
  const attributes = [
    text('ok', tokenOf('x')),
    text('foreign', FOREIGN),
    text('altered', ALTERED),
    { key: 'list', value: { arrayValue: { values: [{ stringValue: FOREIGN }, { stringValue: tokenOf('y') }] } } },
    { key: 'map', value: map(text('a', ALTERED), text('b', tokenOf('z'))) },
    text('plain', 'eyJ is how it begins'),
  ];
  const record = { attributes, body: { stringValue: ALTERED } };

  test('stays', async () => {
    expect(await decryptRecord(ALL, record)).toEqual({
      attributes: [
        text('ok', 'x'),
        text('foreign', FOREIGN),
        text('altered', ALTERED),
        { key: 'list', value: { arrayValue: { values: [{ stringValue: FOREIGN }, { stringValue: 'y' }] } } },
        { key: 'map', value: map(text('a', ALTERED), text('b', 'z')) },
        text('plain', 'eyJ is how it begins'),
      ],
      body: { stringValue: ALTERED },
    });
  });

  test('is dropped', async () => {
    const found = await decryptRecord({ ...ALL, on_error: 'drop' }, record);
    expect(found.attributes).toEqual([
      text('ok', 'x'),
      { key: 'list', value: { arrayValue: { values: [{ stringValue: 'y' }] } } },
      { key: 'map', value: map(text('b', 'z')) },
      text('plain', 'eyJ is how it begins'),
    ]);
    expect(found.body ?? {}).toEqual({});
  });

  test('fails its item for good, and no other', async () => {
    await using collector = await collectorWith({ decrypt: { ...ALL, on_error: 'fail' } });
    const logRecords = ['a', FOREIGN, 'b', ALTERED, tokenOf('c')].map((token) => ({ body: { stringValue: token } }));
    const request = jsonToProto('logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
    await expect(collector.in().send('logs', request)).rejects.toMatchObject({ retryable: false, failedItems: 2 });
    const passed: unknown[] = [];
    for (const { bytes } of collector.out().accepted) {
      for (const record of LogsBatch.of([bytes]).records) passed.push(record.body);
    }
    expect(passed).toEqual(['a', 'b', 'c']);
  });

  test('is counted by reason', async () => {
    await using collector = await collectorWith({ decrypt: ALL });
    await collector
      .in()
      .send('logs', jsonToProto('logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })));
    const counts = [...(await collector.metrics())].filter(([name]) => name.includes('_decrypt_'));
    expect(Object.fromEntries(counts.map(([name, value]) => [name.replace(/\{.*/, ''), value]))).toEqual({
      otelcol_processor_decrypt_decrypted_fields: 3,
      otelcol_processor_decrypt_failed_fields: 5,
      otelcol_processor_decrypt_unknown_key_fields: 2,
    });
  });
});

test('a decrypted text that is a token again is not opened', async () => {
  const inner = tokenOf('inner');
  expect((await decryptRecord(ALL, { attributes: [text('a', tokenOf(inner))] })).attributes).toEqual([
    text('a', inner),
  ]);
});
