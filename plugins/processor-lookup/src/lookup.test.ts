import { permanent } from '@millrace/api';
import { expect, test } from 'vitest';
import { decoded, RecordingHost, running, toWire } from './testing/lookup.ts';

const TABLE = {
  a: { name: 'Ann', age: 7, tags: ['x'] },
  b: { name: 'Bob' },
  s: 'scalar',
  '7': { name: 'seven' },
  true: 'yes',
};
const source = { type: 'inline', table: TABLE };
const KEY = 'attributes["k"]';

async function outcome(rule: object, ...keys: unknown[]) {
  await using lookup = await running({ source, lookups: [{ key: KEY, ...rule }] });
  await lookup.send(...keys);
  return lookup.records;
}

test.each([
  ['a field', { attributes: [{ source: 'name', destination: 'n' }] }, 'a', { k: 'a', n: 'Ann' }],
  ['an integer', { attributes: [{ source: 'age', destination: 'n' }] }, 'a', { k: 'a', n: { int: '7' } }],
  [
    'a list',
    { attributes: [{ source: 'tags', destination: 'n' }] },
    'a',
    { k: 'a', n: { values: [{ stringValue: 'x' }] } },
  ],
  ['a scalar', { attributes: [{ destination: 'n' }] }, 's', { k: 's', n: 'scalar' }],
  [
    'a field of a scalar: nothing',
    { attributes: [{ source: 'name', destination: 'n', default: 'd' }] },
    's',
    { k: 's' },
  ],
  [
    'a field that is not there: the default',
    { attributes: [{ source: 'age', destination: 'n', default: 'd' }] },
    'b',
    { k: 'b', n: 'd' },
  ],
  ['no row: the default', { attributes: [{ source: 'age', destination: 'n', default: 'd' }] }, 'z', { k: 'z', n: 'd' }],
  ['no row and no default: nothing', { attributes: [{ source: 'age', destination: 'n' }] }, 'z', { k: 'z' }],
  ['an integer as key', { attributes: [{ source: 'name', destination: 'n' }] }, 7, { k: { int: '7' }, n: 'seven' }],
  ['a boolean as key', { attributes: [{ destination: 'n' }] }, true, { k: true, n: 'yes' }],
  ['an empty key: not looked up', { attributes: [{ destination: 'n', default: 'd' }], on_miss: 'tag' }, '', { k: '' }],
  ['no inherited names', { attributes: [{ source: 'constructor', destination: 'n' }] }, 'a', { k: 'a' }],
  ['all fields', { prefix: 'p.' }, 'b', { k: 'b', 'p.name': 'Bob' }],
  ['what is there stays', { attributes: [{ destination: 'k' }], overwrite: false }, 's', { k: 's' }],
  ['what is there is replaced', { attributes: [{ destination: 'k' }] }, 's', { k: 'scalar' }],
  ['tag', { prefix: '', on_miss: 'tag' }, 'z', { k: 'z', 'lookup.miss': true }],
  ['another tag', { prefix: '', on_miss: 'tag', tag: 't' }, 'z', { k: 'z', t: true }],
])('writes %s', async (_, rule, key, expected) => {
  expect(await outcome(rule, key)).toEqual([expected]);
});

test('items without a row are dropped where that is wanted, and counted', async () => {
  await using lookup = await running({ source, lookups: [{ key: KEY, on_miss: 'drop' }] });
  await lookup.send('a', 'z', 'b', 'y');
  await lookup.send('z');
  expect(lookup.records).toEqual([{ k: 'a' }, { k: 'b' }]);
  const count = (name: string) =>
    lookup.host.recordedTelemetry.value(`processor_lookup_${name}{processor="under/test",signal="logs"}`);
  expect([count('hits'), count('misses'), count('dropped_items')]).toEqual([2, 3, 3]);
  expect(lookup.host.ledger.leaks).toEqual([]);
});

test('a lookup may use what the one before has written; the key may be made by functions', async () => {
  const table = { u1: { group: 'g1' }, 'g1!': { owner: 'o' } };
  await using lookup = await running({
    source: { type: 'inline', table },
    lookups: [
      { key: 'ToLowerCase(log.attributes["k"])', prefix: '' },
      { key: 'Concat([attributes["group"], "!"], "")', prefix: '' },
    ],
  });
  await lookup.send('U1');
  expect(lookup.records).toEqual([{ k: 'U1', group: 'g1', owner: 'o' }]);
});

test.each([
  [
    'traces',
    {
      resourceSpans: [
        { resource: {}, scopeSpans: [{ spans: [{ attributes: [{ key: 'k', value: { stringValue: 's' } }] }] }] },
      ],
    },
  ],
  [
    'metrics',
    {
      resourceMetrics: [
        {
          resource: {},
          scopeMetrics: [
            {
              metrics: [
                { name: 'm', sum: { dataPoints: [{ attributes: [{ key: 'k', value: { stringValue: 's' } }] }] } },
              ],
            },
          ],
        },
      ],
    },
  ],
] as const)('%s have items and resources, too', async (signal, request) => {
  const host = new RecordingHost({ signal, guarantee: 'safe' });
  const attributes = [{ destination: 'item' }, { destination: 'all', context: 'resource' }];
  await using lookup = await running({ source, lookups: [{ key: KEY, attributes }] }, host);
  await lookup.processor.consume(host.batchOf([toWire(signal, request)]));
  expect(host.outputs[0]).toContain('"resource":{"attributes":[{"key":"all","value":{"stringValue":"scalar"}}]}');
  expect(host.outputs[0]).toContain('{"key":"item","value":{"stringValue":"scalar"}}');
});

test('a key that makes no sense for the signal of a pipeline is told', async () => {
  const host = new RecordingHost({ signal: 'traces', guarantee: 'safe' });
  const settings = { source, lookups: [{ key: 'log.attributes["k"]', prefix: '' }] };
  await expect(running(settings, host)).rejects.toMatchObject({ code: 'LOOKUP_KEY' });
});

test('what follows is waited for, and its refusal comes back', async () => {
  await using lookup = await running({ source, lookups: [{ key: KEY, prefix: '' }] });
  lookup.host.answer = () => Promise.reject(permanent('no', { code: 'NO' }));
  await expect(lookup.send('a')).rejects.toMatchObject({ code: 'NO' });
});

const rule = { key: KEY, prefix: '' };
test.each([
  ['nothing is written', { lookups: [{ key: KEY }] }, 'the lookup writes nothing'],
  ['no OTTL', { lookups: [{ key: 'attributes["k"', prefix: '' }] }, 'lookups[0].key'],
  ['no such path', { lookups: [{ key: 'log.nope', prefix: '' }] }, 'lookups[0].key'],
  [
    'a key of another source',
    { source: { type: 'http', url: 'http://h/{key}', path: 'x' }, lookups: [rule] },
    'source "http" has no path',
  ],
  [
    'a default of another source, changed',
    { source: { type: 'inline', table: {}, timeout: '3s' }, lookups: [rule] },
    'has no timeout',
  ],
  [
    'TLS of another source',
    { source: { type: 'noop', tls: { ca_file: 'x' } }, lookups: [rule] },
    'source "noop" has no tls',
  ],
  ['no path', { source: { type: 'json' }, lookups: [rule] }, 'source "json" needs path'],
  [
    'a file that is missing',
    { source: { type: 'json', path: '/no/such/table' }, lookups: [rule] },
    'source.path  cannot read "/no/such/table": there is no such file',
  ],
  [
    'a folder',
    { source: { type: 'sqlite', path: '/', query: 'select ?' }, lookups: [rule] },
    'source.path  "/" is a directory',
  ],
  ['no key column', { source: { type: 'csv', path: 'x' }, lookups: [rule] }, 'needs key_column or key_column_index'],
  [
    'two key columns',
    { source: { type: 'csv', path: 'x', key_column: 'a', key_column_index: 1 }, lookups: [rule] },
    'both key_column and key_column_index',
  ],
  [
    'names without a header',
    { source: { type: 'csv', path: 'x', key_column: 'a', has_header: false }, lookups: [rule] },
    'no names without a header',
  ],
  [
    'a long delimiter',
    { source: { type: 'csv', path: 'x', key_column: 'a', delimiter: '||' }, lookups: [rule] },
    'is not one character',
  ],
  ['a URL without a key', { source: { type: 'http', url: 'http://h/' }, lookups: [rule] }, 'the key is not in the URL'],
  [
    'a key as server',
    { source: { type: 'http', url: 'http://{key}/' }, lookups: [rule] },
    'the key is in the name of the server',
  ],
  ['another protocol', { source: { type: 'http', url: 'file:///{key}' }, lookups: [rule] }, 'is no HTTP URL'],
  [
    'a bad pointer',
    { source: { type: 'http', url: 'http://h/{key}', pointer: 'a' }, lookups: [rule] },
    'is no JSON pointer',
  ],
  [
    'a query without a parameter',
    { source: { type: 'sqlite', path: 'x', query: 'select 1' }, lookups: [rule] },
    'no parameter for the key',
  ],
])('%s: refused, and said', async (_, settings, message) => {
  await expect(decoded(settings)).rejects.toThrow(message);
});
