import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { attributesIn, itemsWith } from './testing/items.ts';
import { pass } from './testing/pass.ts';
import { double, keyValues, type Attributes } from './testing/values.ts';

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const bytesOf = (write: (view: DataView) => void) => {
  const bytes = new Uint8Array(8);
  write(new DataView(bytes.buffer));
  return bytes;
};

const EVERY_KIND: Attributes = {
  text: 'é',
  empty: '',
  yes: true,
  no: false,
  int: -5,
  big: 9223372036854775807n,
  double: double(1),
  small: double(1.5e-7),
  bytes: Uint8Array.of(1, 2, 255),
  list: [1, double(2), 'x'],
  map: { b: 1, a: null },
  nothing: null,
};

const URL_PATTERN = '^(?P<http_protocol>.*)://(?P<http_domain>.*)/(?P<http_path>.*)[?&](?P<http_query_params>.*)';

type Row = readonly [what: string, actions: string, before: Attributes, after: Attributes];

const ROWS: readonly Row[] = [
  ['insert: a new key', '{ key: a, value: 123, action: insert }', { b: 1 }, { b: 1, a: 123 }],
  ['insert: leaves what is there', '{ key: a, value: 123, action: insert }', { a: 'x' }, { a: 'x' }],
  ['insert: text', '{ key: a, value: "123", action: insert }', {}, { a: '123' }],
  ['insert: a fraction', '{ key: a, value: 1.5, action: insert }', {}, { a: double(1.5) }],
  ['insert: a truth', '{ key: a, value: true, action: INSERT }', {}, { a: true }],
  ['insert: 64 bits', '{ key: a, value: -9223372036854775808, action: insert }', {}, { a: -9223372036854775808n }],
  ['insert: a list and a map', '{ key: a, value: [1, {b: x}], action: insert }', {}, { a: [1, { b: 'x' }] }],
  [
    'insert: from another',
    '{ key: a, from_attribute: b, action: insert }',
    { b: double(1) },
    { b: double(1), a: double(1) },
  ],
  ['insert: from nowhere', '{ key: a, from_attribute: b, action: insert }', { c: 1 }, { c: 1 }],
  [
    'insert: or else',
    '{ key: a, from_attribute: b, default_value: us-east-1, action: insert }',
    {},
    { a: 'us-east-1' },
  ],
  ['insert: only else', '{ key: a, default_value: 7, action: insert }', {}, { a: 7 }],
  ['insert: the value, not else', '{ key: a, value: 1, default_value: 7, action: insert }', {}, { a: 1 }],
  ['update: what is there', '{ key: a, value: redacted, action: update }', { a: 1, b: 2 }, { a: 'redacted', b: 2 }],
  ['update: not what is not', '{ key: a, value: redacted, action: update }', { b: 2 }, { b: 2 }],
  [
    'update: from another',
    '{ key: boo, from_attribute: foo, action: update }',
    { boo: 1, foo: 'x' },
    { boo: 'x', foo: 'x' },
  ],
  ['update: from nowhere', '{ key: boo, from_attribute: foo, action: update }', { boo: 1 }, { boo: 1 }],
  ['update: or else', '{ key: boo, from_attribute: foo, default_value: 2, action: update }', { boo: 1 }, { boo: 2 }],
  ['upsert: new', '{ key: region, value: planet-earth, action: upsert }', {}, { region: 'planet-earth' }],
  ['upsert: known', '{ key: region, value: planet-earth, action: upsert }', { region: 1 }, { region: 'planet-earth' }],
  ['upsert: from another', '{ key: n, from_attribute: o, action: upsert }', { o: [1] }, { o: [1], n: [1] }],
  ['upsert: from nowhere', '{ key: n, from_attribute: o, action: upsert }', { n: 1 }, { n: 1 }],
  ['upsert: from itself', '{ key: n, from_attribute: n, action: upsert }', { n: double(0) }, { n: double(0) }],
  ['delete: by key', '{ key: credit_card, action: delete }', { a: 1, credit_card: 2 }, { a: 1 }],
  ['delete: nothing', '{ key: credit_card, action: delete }', { a: 1 }, { a: 1 }],
  [
    'delete: by pattern',
    '{ pattern: "^user\\\\.", action: delete }',
    { 'user.id': 1, user: 2, 'user.name': 3 },
    { user: 2 },
  ],
  ['delete: by both', '{ key: a, pattern: b, action: delete }', { a: 1, abc: 2, c: 3 }, { c: 3 }],
  [
    'hash: a pattern',
    '{ pattern: "(?i)^MAIL", action: hash }',
    { mail1: 'a', x: 1, mail2: 'b' },
    { mail1: sha256('a'), x: 1, mail2: sha256('b') },
  ],
  ['hash: twice when named twice', '{ key: a, pattern: a, action: hash }', { a: 'x' }, { a: sha256(sha256('x')) }],
  [
    'hash: every kind',
    Object.keys(EVERY_KIND)
      .map((key) => `{ key: ${key}, action: hash }`)
      .join(', '),
    EVERY_KIND,
    {
      text: sha256('é'),
      empty: sha256(''),
      yes: sha256(Uint8Array.of(1)),
      no: sha256(Uint8Array.of(0)),
      int: sha256(bytesOf((view) => view.setBigInt64(0, -5n, true))),
      big: sha256(bytesOf((view) => view.setBigInt64(0, 9223372036854775807n, true))),
      double: sha256(bytesOf((view) => view.setFloat64(0, 1, true))),
      small: sha256(bytesOf((view) => view.setFloat64(0, 1.5e-7, true))),
      bytes: '',
      list: '',
      map: '',
      nothing: '',
    },
  ],
  [
    'extract: a URL',
    `{ key: http.url, pattern: '${URL_PATTERN}', action: extract }`,
    { 'http.url': 'http://example.com/path?queryParam1=value1,queryParam2=value2', http_path: 1 },
    {
      'http.url': 'http://example.com/path?queryParam1=value1,queryParam2=value2',
      http_path: 'path',
      http_protocol: 'http',
      http_domain: 'example.com',
      http_query_params: 'queryParam1=value1,queryParam2=value2',
    },
  ],
  [
    'extract: a group left out',
    '{ key: a, pattern: "(?P<x>1)?(?P<y>2)", action: extract }',
    { a: '2' },
    { a: '2', x: '', y: '2' },
  ],
  ['extract: no match', '{ key: a, pattern: "(?P<x>1)", action: extract }', { a: '2' }, { a: '2' }],
  ['extract: no string', '{ key: a, pattern: "(?P<x>1)", action: extract }', { a: 1 }, { a: 1 }],
  ['extract: into itself', '{ key: a, pattern: "^(?P<a>.)", action: extract }', { a: 'xyz' }, { a: 'x' }],
  [
    'convert: to text',
    Object.keys(EVERY_KIND)
      .map((key) => `{ key: ${key}, converted_type: string, action: convert }`)
      .join(', '),
    EVERY_KIND,
    {
      text: 'é',
      empty: '',
      yes: 'true',
      no: 'false',
      int: '-5',
      big: '9223372036854775807',
      double: '1',
      small: '1.5e-7',
      bytes: 'AQL/',
      list: '[1,2,"x"]',
      map: '{"a":null,"b":1}',
      nothing: '',
    },
  ],
  [
    'convert: to int',
    ['n', ...Object.keys(EVERY_KIND)].map((key) => `{ key: ${key}, converted_type: int, action: convert }`).join(', '),
    { ...EVERY_KIND, n: '-42' },
    { ...EVERY_KIND, n: -42, yes: 1, no: 0, double: 1, small: 0 },
  ],
  [
    'convert: to int what is too large',
    '{ key: a, converted_type: int, action: convert }, { key: b, converted_type: int, action: convert }',
    { a: double(1e300), b: double(-1.99) },
    { a: -9223372036854775808n, b: -1 },
  ],
  [
    'convert: to double',
    ['n', ...Object.keys(EVERY_KIND)]
      .map((key) => `{ key: ${key}, converted_type: double, action: convert }`)
      .join(', '),
    { ...EVERY_KIND, n: '1e3' },
    { ...EVERY_KIND, n: double(1000), yes: double(1), no: double(0), int: double(-5), big: double(2 ** 63) },
  ],
  [
    'in order: move an attribute, with a value for those that lack it',
    '{ key: operation, value: default, action: insert }, { key: svc.operation, from_attribute: operation, action: upsert }, { key: operation, action: delete }',
    { timeout: 10, 'svc.operation': 'addition' },
    { timeout: 10, 'svc.operation': 'default' },
  ],
];

describe('actions on all signals', () => {
  test.each(ROWS)('%s', async (_, actions, before, after) => {
    const entry = `attributes: { actions: [${actions}] }`;
    for (const [signal, request] of Object.entries(itemsWith(before))) {
      const found = attributesIn(await pass(entry, signal as 'logs', request));
      expect(found).toEqual(Array.from({ length: signal === 'metrics' ? 5 : 1 }, () => keyValues(after)));
    }
  });
});

describe('from_context', () => {
  const sender = { address: '10.0.0.1', metadata: { origin: ['a', 'b'], tenant: ['x'], none: [] } };
  const found = async (from: string, rest = '') =>
    attributesIn(
      await pass(
        `attributes: { actions: [{ key: k, from_context: ${from}, action: insert${rest} }] }`,
        'logs',
        itemsWith({}).logs,
        sender,
      ),
    )[0];

  test.each([
    ['metadata.origin', { k: 'a;b' }],
    ['metadata.Origin', { k: 'a;b' }],
    ['tenant', { k: 'x' }],
    ['client.address', { k: '10.0.0.1' }],
    ['metadata.none', {}],
    ['metadata.other', {}],
    ['auth.subject', {}],
  ])('%s', async (from, after) => {
    expect(await found(from)).toEqual(keyValues(after));
  });

  test('has a default', async () => {
    expect(await found('metadata.other', ', default_value: 1')).toEqual(keyValues({ k: 1 }));
    expect(await found('metadata.tenant', ', default_value: 1')).toEqual(keyValues({ k: 'x' }));
  });
});
