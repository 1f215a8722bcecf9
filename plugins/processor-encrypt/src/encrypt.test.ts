import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonToProto } from '@millrace/otlp';
import { compactDecrypt } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { collectorWith, encrypt, encryptRecord, type KeyValue, openedWith, secretOf } from './testing/encrypt.ts';

const K1 = { kid: 'k1', value: secretOf(1) };
const K2 = { kid: 'k2', value: secretOf(2) };
const IDS = { kid: 'ids', algorithm: 'HS256', value: secretOf(3) };
const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } });
const map = (...values: KeyValue[]) => ({ kvlistValue: { values } });
const SECRET_TEXT = 'ada@example.com';

/** Replaces each token of K1 by what jose finds in it. */
async function opened(value: unknown): Promise<unknown> {
  if (typeof value === 'string' && value.startsWith('eyJ')) return `<${(await openedWith(K1.value, value)).text}>`;
  if (Array.isArray(value)) return Promise.all(value.map(opened));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(async ([key, inner]) => [key, await opened(inner)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

describe('a value of every type is encrypted with its type', () => {
  test.each([
    ['a string', { stringValue: 'žluť 🐎' }, 'žluť 🐎', undefined],
    ['an empty string', { stringValue: '' }, '', undefined],
    ['an int', { intValue: '42' }, '{"intValue":"42"}', 'json'],
    ['the least int64', { intValue: '-9223372036854775808' }, '{"intValue":"-9223372036854775808"}', 'json'],
    ['a whole double', { doubleValue: 42 }, '{"doubleValue":42}', 'json'],
    ['NaN', { doubleValue: 'NaN' }, '{"doubleValue":"NaN"}', 'json'],
    ['false', { boolValue: false }, '{"boolValue":false}', 'json'],
    ['bytes', { bytesValue: 'AP8=' }, '\u0000\ufffd', 'octet-stream'],
    [
      'a list',
      { arrayValue: { values: [{ intValue: '1' }, {}] } },
      '{"arrayValue":{"values":[{"intValue":"1"},{}]}}',
      'json',
    ],
    [
      'a map with a key twice',
      map(text('a', 'x'), text('a', 'y')),
      '{"kvlistValue":{"values":[{"key":"a","value":{"stringValue":"x"}},{"key":"a","value":{"stringValue":"y"}}]}}',
      'json',
    ],
  ])('%s', async (_, value, plaintext, contentType) => {
    const settings = { keys: [K1], fields: [{ names: ['secret'] }, { whole_body: true }] };
    const { attributes, body } = await encryptRecord(settings, { attributes: [{ key: 'secret', value }], body: value });
    for (const { stringValue } of [attributes[0].value, body]) {
      expect(await openedWith(K1.value, stringValue)).toEqual({ text: plaintext, cty: contentType, kid: 'k1' });
    }
  });

  test('but for an empty one, which says nothing', async () => {
    const settings = {
      keys: [K1, IDS],
      fields: [{ names: ['a'] }, { names: ['b'], mode: 'pseudonym' }, { whole_body: true }],
    };
    const attributes = ['a', 'b'].map((key) => ({ key, value: {} }));
    expect(await encryptRecord(settings, { attributes, body: {} })).toEqual({ attributes, body: {} });
  });
});

describe('fields are chosen', () => {
  const attributes = [
    text('user.id', 'u'),
    text('pii.mail', 'm'),
    text('http.route', '/'),
    { key: 'user', value: map(text('email', 'e'), text('name', 'n'), { key: 'deep', value: map(text('email', 'd')) }) },
    {
      key: 'orders',
      value: { arrayValue: { values: [map(text('card', '1')), map(text('card', '2'), text('id', '3'))] } },
    },
  ];
  test.each([
    ['by name', { names: ['user.id'] }, ['user.id']],
    ['by pattern', { patterns: ['^pii\\.', 'route'] }, ['pii.mail', 'http.route']],
    ['by a name that is a map', { names: ['user'] }, ['user']],
    ['by path', { paths: [['user', 'email']] }, ['user>email']],
    ['by path of one key', { paths: [['user.id']] }, ['user.id']],
    ['by path through any key', { paths: [['user', '*', 'email']] }, ['user>deep>email']],
    ['by path into lists', { paths: [['orders', 'card']] }, ['orders>0>card', 'orders>1>card']],
    ['by path that leads to nothing', { paths: [['user.id', 'x'], ['user', 'x'], ['x']] }, []],
    ['by a name with a star', { names: ['*'] }, []],
    ['nowhere else', { in: ['span', 'resource'], patterns: ['.'] }, []],
  ])('%s', async (_, field, expected) => {
    const found = await encryptRecord({ keys: [K1], fields: [field] }, { attributes });
    const places: string[] = [];
    const visit = (value: unknown, path: string): void => {
      const { stringValue, kvlistValue, arrayValue } = value as {
        stringValue?: string;
        kvlistValue?: { values: unknown[] };
        arrayValue?: { values: unknown[] };
      };
      if (stringValue?.startsWith('eyJ')) places.push(path);
      for (const each of kvlistValue?.values ?? [])
        visit((each as KeyValue).value, `${path}>${(each as KeyValue).key}`);
      (arrayValue?.values ?? []).forEach((each, index) => visit(each, `${path}>${index}`));
    };
    for (const { key, value } of found.attributes) visit(value, key);
    expect(places).toEqual(expected);
    expect(found.attributes.map(({ key }) => key)).toEqual(attributes.map(({ key }) => key));
  });

  test('in the body, where it is a map', async () => {
    const body = map(text('email', 'e'), { key: 'user', value: map(text('email', 'x'), text('id', 'i')) });
    const settings = { keys: [K1], fields: [{ in: ['body'], names: ['email'], paths: [['user', 'email']] }] };
    const found = await encryptRecord(settings, { body });
    expect(await opened(found.body)).toEqual(
      map(text('email', '<e>'), { key: 'user', value: map(text('email', '<x>'), text('id', 'i')) }),
    );
    expect((await encryptRecord(settings, { body: { stringValue: 'email' } })).body).toEqual({ stringValue: 'email' });
  });

  test('the first entry that names the whole value decides, whatever names parts of it', async () => {
    const fields = [
      { paths: [['user', 'email']], key: 'k2' },
      { patterns: ['^user$'], key: 'k1' },
      { names: ['user'], key: 'k2' },
    ];
    const found = await encryptRecord({ keys: [K1, K2], fields }, { attributes });
    expect((await openedWith(K1.value, found.attributes[3].value.stringValue)).kid).toBe('k1');
  });

  test('more attributes than are remembered, in changing places', async () => {
    const many = Array.from({ length: 200 }, (_, i) => text(`${i % 3 === 0 ? 'pii' : 'ok'}.${i}`, `${i}`));
    const settings = { keys: [K1], fields: [{ patterns: ['^pii'] }] };
    for (const attributes of [many, many.toReversed()]) {
      const found = await encryptRecord(settings, { attributes });
      expect(await opened(found.attributes)).toEqual(
        attributes.map(({ key, value }) =>
          text(key, key.startsWith('pii') ? `<${String(value.stringValue)}>` : String(value.stringValue)),
        ),
      );
    }
  });
});

describe('every place of every signal', () => {
  const attributes = [text('secret', 'x'), text('plain', 'y')];
  const hidden = [text('secret', '<x>'), text('plain', 'y')];
  const scope = { name: 's', attributes };
  const point = { timeUnixNano: '1', attributes };
  const exemplars = [{ asInt: '1', filteredAttributes: attributes }];
  const PLACES = {
    traces: {
      resourceSpans: [
        {
          resource: { attributes },
          scopeSpans: [
            { scope, spans: [{ name: 'a', attributes, events: [{ name: 'e', attributes }], links: [{ attributes }] }] },
          ],
        },
      ],
    },
    metrics: {
      resourceMetrics: [
        {
          resource: { attributes },
          scopeMetrics: [
            {
              scope,
              metrics: [
                { name: 'gauge', gauge: { dataPoints: [{ ...point, asInt: '1', exemplars }] } },
                {
                  name: 'sum',
                  sum: { dataPoints: [{ ...point, asDouble: 1.5, exemplars }], aggregationTemporality: 2 },
                },
                {
                  name: 'histogram',
                  histogram: { dataPoints: [{ ...point, count: '0', exemplars }], aggregationTemporality: 1 },
                },
                {
                  name: 'exponential',
                  exponentialHistogram: {
                    dataPoints: [{ ...point, count: '0', exemplars }],
                    aggregationTemporality: 1,
                  },
                },
                { name: 'summary', summary: { dataPoints: [{ ...point, count: '0' }] } },
              ],
            },
          ],
        },
      ],
    },
    logs: {
      resourceLogs: [
        { resource: { attributes }, scopeLogs: [{ scope, logRecords: [{ attributes, body: map(...attributes) }] }] },
      ],
    },
  } as const;
  const ALL = ['resource', 'scope', 'log', 'body', 'span', 'spanevent', 'spanlink', 'datapoint', 'exemplar'];

  test.each(Object.entries(PLACES))('%s', async (signal, request) => {
    const settings = { keys: [K1], fields: [{ in: ALL, names: ['secret'] }] };
    const found = await opened(await encrypt(settings, signal as 'logs', request));
    // Only what is written differs; attributes appear wherever they were sent.
    const expected = JSON.stringify(request).replaceAll(JSON.stringify(attributes), JSON.stringify(hidden));
    const count = (json: string) => json.split('<x>').length - 1;
    expect(count(JSON.stringify(found))).toBe(count(expected));
    expect(JSON.stringify(found)).not.toContain('"stringValue":"x"');
  });

  test.each([
    ['resource', 1],
    ['scope', 1],
    ['span', 1],
    ['spanevent', 1],
    ['spanlink', 1],
    ['log', 0],
  ])('%s alone', async (place, count) => {
    const settings = { keys: [K1], fields: [{ in: [place], names: ['secret'] }] };
    const json = JSON.stringify(await encrypt(settings, 'traces', PLACES.traces));
    expect(json.split('"eyJ').length - 1).toBe(count);
  });
});

describe('pseudonyms', () => {
  const settings = { keys: [K1, IDS], fields: [{ patterns: ['^id'], mode: 'pseudonym' }] };

  test('are the same for the same value, over attributes, types, restarts and senders', async () => {
    const attributes = [
      text('id.a', '42'),
      { key: 'id.b', value: { intValue: '42' } },
      text('id.c', '43'),
      { key: 'id.d', value: { bytesValue: Buffer.from('42').toString('base64') } },
    ];
    const first = await encryptRecord(settings, { attributes });
    const second = await encryptRecord(settings, { attributes });
    expect(first).toEqual(second);
    const [a, b, c, d] = first.attributes.map(({ value }) => value.stringValue);
    expect([b, d]).toEqual([a, a]);
    expect(c).not.toBe(a);
    // printf 42 | openssl dgst -sha256 -mac HMAC -macopt hexkey:0303… -binary | head -c 16 | basenc --base64url
    expect(a).toBe('hs256.ids.hR8bT1ySoycs0gKvxYTPUA');
  });

  test('may keep more of the HMAC', async () => {
    const found = await encryptRecord({ ...settings, pseudonym_bytes: 32 }, { attributes: [text('id', '42')] });
    expect(found.attributes[0].value.stringValue).toMatch(/^hs256\.ids\.hR8bT1ySoycs0gKvxYTPU[\w-]{22}$/);
  });

  test('of maps that have no text are not all the same', async () => {
    const nan = (key: string) => ({ kvlistValue: { values: [{ key, value: { doubleValue: 'NaN' } }] } });
    const attributes = [
      { key: 'id.1', value: nan('a') },
      { key: 'id.2', value: nan('b') },
    ];
    const found = await encryptRecord(settings, { attributes });
    expect(found.attributes[0].value).not.toEqual(found.attributes[1].value);
  });
});

describe('what is encrypted already stays as it is', () => {
  const fields = [{ names: ['a'] }, { names: ['id'], mode: 'pseudonym' }];
  const record = { attributes: [text('a', 'x'), text('id', 'y')] };

  test('when it passes a second time, also after the keys have changed', async () => {
    const before = await encryptRecord({ keys: [K1, IDS], fields }, record);
    const newIds = { ...IDS, kid: 'ids-2', value: secretOf(4) };
    const rotated = { keys: [K2, K1, newIds, IDS], active_key: 'k2', active_pseudonym_key: 'ids-2', fields };
    expect(await encryptRecord({ keys: [K1, IDS], fields }, before)).toEqual(before);
    expect(await encryptRecord(rotated, before)).toEqual(before);
    const fresh = await encryptRecord(rotated, record);
    expect(await openedWith(K2.value, fresh.attributes[0].value.stringValue)).toMatchObject({ text: 'x', kid: 'k2' });
    expect(fresh.attributes[1].value.stringValue).toMatch(/^hs256\.ids-2\./);
  });

  test('but a token for a foreign key, or one that only looks like one, is a text like others', async () => {
    const foreign = (await encryptRecord({ keys: [{ ...K2, kid: 'other' }], fields: [{ names: ['a'] }] }, record))
      .attributes[0];
    const token = String(
      (await encryptRecord({ keys: [K1], fields: [{ names: ['a'] }] }, record)).attributes[0].value.stringValue,
    );
    const [, ...rest] = token.split('.');
    const header = Buffer.from('{"alg":"dir","enc":"A256GCM","kid":"k1"}').toString('base64url');
    for (const lookalike of [
      String(foreign.value.stringValue),
      [header, ...rest].join('.'),
      token.slice(0, -1),
      `${token}.x`,
      'eyJ',
      'hs256.ids.short',
    ]) {
      const found = await encryptRecord({ keys: [K1, IDS], fields }, { attributes: [text('a', lookalike)] });
      expect((await openedWith(K1.value, found.attributes[0].value.stringValue)).text).toBe(lookalike);
    }
  });
});

test('fields are counted', async () => {
  const settings = { keys: [K1, IDS], fields: [{ patterns: ['^a'] }, { names: ['id'], mode: 'pseudonym' }] };
  await using collector = await collectorWith(settings);
  const done = (await encryptRecord(settings, { attributes: [text('a', 'x')] })).attributes[0].value;
  const attributes = [text('a', 'x'), text('aa', 'x'), text('id', 'y'), { key: 'aaa', value: done }];
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] };
  await collector.in().send('logs', jsonToProto('logs', JSON.stringify(request)));
  const counts = [...(await collector.metrics())].filter(([name]) => name.includes('_encrypt_'));
  expect(Object.fromEntries(counts.map(([name, value]) => [name.replace(/\{.*/, ''), value]))).toEqual({
    otelcol_processor_encrypt_encrypted_fields: 2,
    otelcol_processor_encrypt_pseudonymized_fields: 1,
    otelcol_processor_encrypt_already_encrypted_fields: 1,
  });
});

test('one content key serves many fields, and is replaced when it has served as many as it may', async () => {
  const settings = { keys: [K1], fields: [{ patterns: ['.'] }], content_key: { max_uses: 4 } };
  const attributes = Array.from({ length: 10 }, (_, i) => text(`a${i}`, SECRET_TEXT));
  const found = await encryptRecord(settings, { attributes });
  const tokens = found.attributes.map(({ value }) => String(value.stringValue));
  expect(new Set(tokens.map((token) => token.split('.')[1])).size).toBe(3);
  expect(new Set(tokens.map((token) => token.split('.')[2])).size).toBe(10);
});

test('data is refused, and kept by the sender, when a key that cannot change has done all it may', async () => {
  const settings = { keys: [{ ...K1, algorithm: 'dir' }], fields: [{ patterns: ['.'] }], content_key: { max_uses: 3 } };
  const attributes = Array.from({ length: 4 }, (_, i) => text(`a${i}`, SECRET_TEXT));
  await using collector = await collectorWith(settings);
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] };
  const sending = collector.in().send('logs', jsonToProto('logs', JSON.stringify(request)));
  await expect(sending).rejects.toMatchObject({ retryable: true, code: 'KEY_EXHAUSTED' });
  expect(collector.out().accepted).toEqual([]);
});

describe('keys in files', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const fileWith = (text: string | Buffer, mode: number) => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-encrypt-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'key');
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };

  test('a public key in a file that all can read', async () => {
    const file = fileWith(publicKey.export({ format: 'pem', type: 'spki' }), 0o644);
    const settings = { keys: [{ kid: 'rsa', file }], fields: [{ names: ['a'] }] };
    const found = await encryptRecord(settings, { attributes: [text('a', SECRET_TEXT)] });
    const { plaintext } = await compactDecrypt(String(found.attributes[0].value.stringValue), privateKey);
    expect(Buffer.from(plaintext).toString()).toBe(SECRET_TEXT);
  });

  test.each([
    ['is missing', () => '/no/such/key', {}, /cannot read the key file/],
    ['others can read', () => fileWith(secretOf(7), 0o644), {}, /chmod 600/],
    ['holds no key', () => fileWith('something else', 0o600), {}, /neither JWK nor PEM/],
    [
      'holds a key for something else',
      () => fileWith(secretOf(7), 0o600),
      { algorithm: 'HS256' },
      /no key for "encrypt"/,
    ],
  ])('the start fails for one that %s', async (_, make, more, message) => {
    const settings = { keys: [{ kid: 'f', file: make(), ...more }], fields: [{ names: ['a'] }] };
    await expect(collectorWith(settings)).rejects.toThrow(message);
  });
});
