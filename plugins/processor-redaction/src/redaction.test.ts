import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keyValues, plainAttributes, redact, redactRecord } from './testing/redact.ts';

const CARDS = ['4[0-9]{12}(?:[0-9]{3})?', '(5[1-5][0-9]{14})'];
const VISA = '4111111111111111';
const hashed = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');

type Row = readonly [what: string, settings: object, before: object, after: object];

const ATTRIBUTES: readonly Row[] = [
  ['removes all when nothing is allowed', {}, { a: 'x', b: 1 }, {}],
  ['keeps what is allowed', { allowed_keys: ['a'] }, { a: 'x', b: 1 }, { a: 'x' }],
  ['keeps all when all keys are allowed', { allow_all_keys: true }, { a: 'x', b: 1 }, { a: 'x', b: 1 }],
  ['masks what is blocked', { allow_all_keys: true, blocked_values: CARDS }, { a: `n ${VISA}!` }, { a: 'n ****!' }],
  [
    'masks every match',
    { allow_all_keys: true, blocked_values: ['[0-9]+'] },
    { a: '12 and 3', b: 'no' },
    { a: '**** and ****', b: 'no' },
  ],
  [
    'checks patterns one after the other, on what those before made',
    { allow_all_keys: true, blocked_values: ['ab', '\\*c'] },
    { a: 'abc' },
    { a: '*******' },
  ],
  [
    'lets ignored keys pass',
    { ignored_keys: ['safe'], blocked_values: ['.'] },
    { safe: 'secret', other: 'x' },
    { safe: 'secret' },
  ],
  [
    'lets keys pass that match an ignored pattern',
    { ignored_key_patterns: ['^safe_'], allow_all_keys: true, blocked_values: ['secret'] },
    { safe_a: 'secret', unsafe: 'secret', not_safe_a: 'secret' },
    { safe_a: 'secret', unsafe: '****', not_safe_a: '****' },
  ],
  [
    'masks whole values by key',
    { allow_all_keys: true, blocked_key_patterns: ['.*token.*', '.*api_key.*'] },
    { my_token: 'abc', api_key: 'x', other: 'y' },
    { my_token: '****', api_key: '****', other: 'y' },
  ],
  [
    'masks every line of a value by key',
    { allow_all_keys: true, blocked_key_patterns: ['k'] },
    { k: 'ab\ncd', k2: '', k3: 5 },
    { k: '****\n****', k2: '****', k3: '****' },
  ],
  ['removes before it masks', { allowed_keys: ['a'], blocked_key_patterns: ['.'] }, { a: 'x', b: 'y' }, { a: '****' }],
  [
    'an allowed value wins over a blocked one',
    { allow_all_keys: true, blocked_values: ['mycompany.com'], allowed_values: ['support.mycompany.com'] },
    { a: 'x@support.mycompany.com', b: 'x@mycompany.com' },
    { a: 'x@support.mycompany.com', b: 'x@****' },
  ],
  [
    'an allowed value wins over a blocked key',
    { allow_all_keys: true, blocked_key_patterns: ['token'], allowed_values: ['^public'] },
    { token: 'public-1', token2: 'private' },
    { token: 'public-1', token2: '****' },
  ],
  [
    'looks at strings only',
    { allow_all_keys: true, blocked_values: CARDS },
    { a: Number(VISA), b: [VISA] },
    { a: Number(VISA), b: [VISA] },
  ],
  [
    'looks at all types when told to',
    { allow_all_keys: true, blocked_values: [...CARDS, 'true'], redact_all_types: true },
    { a: Number(VISA), b: [VISA, 1], c: true, d: 1.5 },
    { a: '****', b: '["****",1]', c: '****', d: 1.5 },
  ],
  [
    'hashes',
    { allow_all_keys: true, blocked_values: ['[0-9]+'], hash_function: 'md5' },
    { a: 'n 12' },
    { a: `n ${hashed('md5', '12')}` },
  ],
  [
    'hashes with any case of the name',
    { allow_all_keys: true, blocked_key_patterns: ['a'], hash_function: 'SHA1' },
    { a: 'é' },
    { a: hashed('sha1', 'é') },
  ],
  [
    'hashes with sha3',
    { allow_all_keys: true, blocked_key_patterns: ['a'], hash_function: 'sha3' },
    { a: 'x' },
    { a: hashed('sha3-256', 'x') },
  ],
  [
    'hashes with a key',
    {
      allow_all_keys: true,
      blocked_key_patterns: ['a'],
      hash_function: 'hmac-sha512',
      hmac_key: 'k'.repeat(64),
    },
    { a: 'x' },
    { a: createHmac('sha512', 'k'.repeat(64)).update('x').digest('hex') },
  ],
  [
    'sums up keys and counts',
    {
      allowed_keys: ['id', 'name', 'mail', 'notes'],
      ignored_keys: ['safe'],
      blocked_values: ['[0-9]{4}'],
      allowed_values: ['^ok'],
      summary: 'debug',
    },
    { id: 'x', name: 'n 1234', z: 1, credit: 2, safe: 'y', mail: 'ok 1234', notes: '1234' },
    {
      id: 'x',
      name: 'n ****',
      safe: 'y',
      mail: 'ok 1234',
      notes: '****',
      'redaction.redacted.keys': 'credit,z',
      'redaction.redacted.count': 2,
      'redaction.masked.keys': 'name,notes',
      'redaction.masked.count': 2,
      'redaction.allowed.keys': 'mail',
      'redaction.allowed.count': 1,
      'redaction.ignored.count': 1,
    },
  ],
  [
    'sums up counts only',
    { allowed_keys: ['id'], blocked_values: ['x'], summary: 'info' },
    { id: 'x', z: 1, y: 2 },
    { id: '****', 'redaction.redacted.count': 2, 'redaction.masked.count': 1 },
  ],
  [
    'adds to a summary that is there',
    { allowed_keys: ['id'], summary: 'debug' },
    { id: 'x', m: 2, 'redaction.redacted.keys': 'a,z', 'redaction.redacted.count': 2 },
    { id: 'x', 'redaction.redacted.keys': 'a,m,z', 'redaction.redacted.count': 3 },
  ],
  ['says nothing of nothing', { allow_all_keys: true, summary: 'debug' }, { a: 1 }, { a: 1 }],
];

const items = (attributes: object) => {
  const item = { attributes: keyValues(attributes) };
  const resource = item;
  return {
    logs: { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 's', ...item }, logRecords: [item] }] }] },
    traces: {
      resourceSpans: [
        {
          resource,
          scopeSpans: [{ scope: { name: 's', ...item }, spans: [{ name: 'x', ...item, events: [item, item] }] }],
        },
      ],
    },
    metrics: {
      resourceMetrics: [
        {
          resource,
          scopeMetrics: [
            {
              scope: { name: 's', ...item },
              metrics: [
                { name: 'a', gauge: { dataPoints: [{ asInt: '1', ...item }] } },
                { name: 'b', sum: { dataPoints: [{ asDouble: 1, ...item }] } },
                { name: 'c', histogram: { dataPoints: [{ count: '1', ...item }] } },
                { name: 'd', exponentialHistogram: { dataPoints: [{ count: '1', ...item }] } },
                { name: 'e', summary: { dataPoints: [{ count: '1', ...item }] } },
              ],
            },
          ],
        },
      ],
    },
  };
};

/** All lists of attributes in a request. */
function attributesIn(node: unknown): Record<string, unknown>[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = (node as { attributes?: Parameters<typeof plainAttributes>[0] }).attributes;
  return [
    ...(own === undefined ? [] : [plainAttributes(own)]),
    ...Object.entries(node).flatMap(([key, value]) => (key === 'attributes' ? [] : attributesIn(value))),
  ];
}

describe('attributes', () => {
  test.each(ATTRIBUTES)('%s', async (_, settings, before, after) => {
    expect((await redactRecord(settings, { attributes: before })).attributes).toEqual(after);
  });

  test.each([
    ['logs', 3],
    ['traces', 5],
    ['metrics', 7],
  ] as const)('of resources, scopes and everything in %s are redacted', async (signal, places) => {
    const settings = { allowed_keys: ['a', 'b'], blocked_values: ['secret'], summary: 'debug' };
    const request = items({ a: 'my secret', b: 1, c: 2 })[signal];
    const after = {
      a: 'my ****',
      b: 1,
      'redaction.redacted.keys': 'c',
      'redaction.redacted.count': 1,
      'redaction.masked.keys': 'a',
      'redaction.masked.count': 1,
    };
    expect(attributesIn(await redact(settings, signal, request))).toEqual(Array.from({ length: places }, () => after));
  });
});

interface BodyRow {
  readonly what: string;
  readonly settings: object;
  readonly before: unknown;
  readonly after: unknown;
  readonly summary: object | undefined;
}

const row = (what: string, settings: object, before: unknown, after: unknown, summary?: object): BodyRow => ({
  what,
  settings,
  before,
  after,
  summary,
});

const BODIES: readonly BodyRow[] = [
  row('text stays', { blocked_values: ['x'] }, 'abc', 'abc'),
  row('text is masked', { blocked_values: ['b'], summary: 'debug' }, 'abc', 'a****c', {
    'redaction.body.masked.keys': 'body',
    'redaction.body.masked.count': 1,
  }),
  row(
    'text that is allowed is left alone',
    { blocked_values: ['b'], allowed_values: ['^a'], summary: 'debug' },
    'abc',
    'abc',
    {},
  ),
  row('numbers are checked as text', { blocked_values: ['^12'] }, 123, '****3'),
  row('keys of maps have to be allowed', { allowed_keys: ['a'] }, { a: { a: 1, b: 2 }, b: 3 }, { a: { a: 1 } }),
  row(
    'maps are redacted at every depth',
    {
      allow_all_keys: true,
      ignored_keys: ['safe'],
      blocked_key_patterns: ['token'],
      blocked_values: ['secret'],
      summary: 'debug',
    },
    { a: ['secret', { b: 'a secret', safe: 'secret' }, 5], token: 7, deep: { token: 'x', n: 1.5 } },
    { a: ['****', { b: 'a ****', safe: 'secret' }, 5], token: '****', deep: { token: '****', n: 1.5 } },
    {
      'redaction.body.masked.keys': 'a.[0],a.[1].b,deep.token,token',
      'redaction.body.masked.count': 4,
      'redaction.body.ignored.count': 1,
    },
  ),
  row(
    'lists name their places',
    { allowed_keys: ['k'], blocked_values: ['1'], allowed_values: ['^2'], summary: 'debug' },
    [1, 21, { x: 1, k: '1' }],
    ['****', 21, { k: '****' }],
    {
      'redaction.body.redacted.keys': '[2].x',
      'redaction.body.redacted.count': 1,
      'redaction.body.masked.keys': '[0],[2].k',
      'redaction.body.masked.count': 2,
      'redaction.body.allowed.keys': '[1]',
      'redaction.body.allowed.count': 1,
    },
  ),
  row(
    'nothing is said when silent',
    { allowed_keys: ['k'], blocked_values: ['1'] },
    { k: '1', l: '2' },
    { k: '****' },
    {},
  ),
];

test.each(BODIES)('of bodies, $what', async ({ settings, before, after, summary }) => {
  const found = await redactRecord(settings, { body: before });
  expect(found.body).toEqual(after);
  if (summary !== undefined) expect(found.attributes).toEqual(summary);
});

describe('behind another redaction', () => {
  const EARLIER = {
    'redaction.redacted.count': 3,
    'redaction.masked.keys': 'z',
    'redaction.masked.count': 1,
    'redaction.allowed.keys': 'q',
    'redaction.allowed.count': 5,
    'redaction.ignored.count': 2,
    'redaction.body.masked.count': 4,
    'redaction.body.allowed.count': 6,
  };
  const { 'redaction.redacted.count': redacted, 'redaction.body.masked.count': bodyMasked } = EARLIER;
  const rows: readonly Row[] = [
    [
      'what was removed and masked adds up, what was allowed and ignored is noted anew',
      { allowed_keys: ['a', 'b'], blocked_values: ['secret'], allowed_values: ['^fine'], summary: 'debug' },
      { ...EARLIER, a: 'secret', b: 'fine' },
      {
        a: '****',
        b: 'fine',
        'redaction.redacted.count': redacted,
        'redaction.masked.keys': 'a,z',
        'redaction.masked.count': 2,
        'redaction.allowed.keys': 'b',
        'redaction.allowed.count': 1,
        'redaction.body.masked.count': bodyMasked,
      },
    ],
    [
      'its summary is no data: it is neither masked nor counted nor ignored',
      {
        allow_all_keys: true,
        blocked_values: ['[0-9]'],
        blocked_key_patterns: ['masked'],
        ignored_key_patterns: ['count$'],
        redact_all_types: true,
        summary: 'info',
      },
      { 'redaction.masked.count': 1, 'redaction.masked.keys': 'z1', a: 1 },
      { 'redaction.masked.count': 2, 'redaction.masked.keys': 'z1', a: '****' },
    ],
    [
      'one that says nothing of itself removes it like all that is not allowed',
      { allowed_keys: ['a', 'redaction.masked.count'] },
      { ...EARLIER, a: 'x' },
      { a: 'x', 'redaction.masked.count': 1 },
    ],
    ['one that allows all keys leaves it', { allow_all_keys: true, blocked_values: ['.'] }, EARLIER, EARLIER],
  ];
  test.each(rows)('%s', async (_, settings, before, after) => {
    expect((await redactRecord(settings, { attributes: before, body: 'b' })).attributes).toEqual(after);
  });

  test('keys of bodies that are called like it are keys like all others', async () => {
    const body = { 'redaction.masked.count': 'secret' };
    const settings = { allowed_keys: ['redaction.masked.count'], blocked_values: ['secret'] };
    expect((await redactRecord(settings, { body })).body).toEqual({ 'redaction.masked.count': '****' });
    expect((await redactRecord({ blocked_values: ['secret'], summary: 'info' }, { body })).body).toEqual({});
  });
});
