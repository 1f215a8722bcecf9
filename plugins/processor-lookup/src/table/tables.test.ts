import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RecordingHost, running, TestDirectory } from '../testing/lookup.ts';

async function found(name: string, content: string, options: object, key: unknown) {
  using directory = new TestDirectory();
  writeFileSync(directory.file('table'), content);
  const source = { type: name, path: directory.file('table'), ...options };
  const lookups = [{ key: 'attributes["k"]', attributes: [{ destination: 'v' }] }];
  await using lookup = await running({ source, lookups });
  await lookup.send(key);
  return lookup.records[0]['v'];
}

const row = (fields: Readonly<Record<string, unknown>>) => ({
  values: Object.entries(fields).map(([key, value]) => ({ key, value })),
});
const text = (stringValue: string) => ({ stringValue });

test.each([
  [
    'csv',
    'id,name\r\n1,Ann\r\n2,"B, ""o"""\r\n',
    { key_column: 'id' },
    2,
    row({ id: text('2'), name: text('B, "o"') }),
  ],
  ['csv', '\uFEFFname;id\nAnn;1\n\nBob;2\n', { key_column: 'id', value_column: 'name', delimiter: ';' }, '2', 'Bob'],
  ['csv', 'a,1\nb,2\nc\n', { has_header: false, key_column_index: 0, value_column_index: 1 }, 'b', '2'],
  ['csv', 'a,1\nb,2\n', { has_header: false, key_column_index: 1 }, '1', row({ 0: text('a'), 1: text('1') })],
  ['csv', 'k,v\na,1\na,2\n', { key_column: 'k', value_column: 'v' }, 'a', '2'],
  ['csv', 'k,v\na\n', { key_column: 'k', value_column: 'v' }, 'a', undefined],
  [
    'json',
    '{"a":{"n":9007199254740993,"d":1.5}}',
    {},
    'a',
    row({ n: { intValue: '9007199254740993' }, d: { doubleValue: 1.5 } }),
  ],
  ['json', '{"a":{"n":1}}', { value_column: 'n' }, 'a', { int: '1' }],
  ['json', '[{"id":1,"n":"one"},{"id":null},{"id":2,"n":"two"}]', { key_column: 'id', value_column: 'n' }, 2, 'two'],
  ['json', '{"__proto__":"p"}', {}, '__proto__', 'p'],
  ['jsonl', '{"id":"a","n":true}\n\n{"id":"b","n":false}', { key_column: 'id', value_column: 'n' }, 'b', false],
  ['yaml', 'a: 1\nb: 1.0\nc: [x]\n', {}, 'b', 1],
  ['yaml', 'a: 9007199254740993\n', {}, 'a', { int: '9007199254740993' }],
  ['yaml', '- { id: x, v: y }\n', { key_column: 'id', value_column: 'v' }, 'x', 'y'],
  ['yaml', '', {}, 'x', undefined],
])('%s %j with %j', async (type, content, options, key, expected) => {
  expect(await found(type, content, options, key)).toEqual(expected);
});

test.each([
  ['csv', 'a,b\n1,2\n', { key_column: 'id' }, 'the key column "id" is not in the header; there are "a", "b"'],
  ['csv', 'a,b\n"1,2\n', { key_column: 'a' }, 'Quote Not Closed'],
  ['json', '[{}]', {}, 'key_column must say'],
  ['json', '[1]', { key_column: 'a' }, 'entry 1 of the list is no object'],
  ['json', '1', {}, 'neither an object nor a list'],
  ['json', '{', {}, 'JSON'],
  ['jsonl', '{"a":1}\n{', { key_column: 'a' }, 'line 2: '],
  ['yaml', 'a: [', {}, 'cannot use the table'],
  ['json', '{"a":1}', { max_file_bytes: 3 }, 'it has 7 bytes, and max_file_bytes is 3'],
])('a %s file with %j does not start with %j', async (type, content, options, message) => {
  await expect(found(type, content, options, 'x')).rejects.toThrow(message);
});

test('a file that is replaced is read again; one that is broken or missing leaves the old table, and is told once', async () => {
  using directory = new TestDirectory();
  const path = directory.file('hosts.json');
  writeFileSync(path, '{"a":"first"}');
  const host = new RecordingHost({ signal: 'logs', guarantee: 'safe' });
  const source = { type: 'json', path, reload_interval: '10s' };
  const lookups = [{ key: 'attributes["k"]', attributes: [{ destination: 'v' }] }];
  await using lookup = await running({ source, lookups }, host);
  const errors = () => host.recordedLog.messages('error').length;
  const lines = () => host.recordedLog.lines.length;
  /** Waits for what a look at the file comes to. */
  const look = async (until: () => boolean) => {
    await host.manualClock.advance(10_000);
    await expect.poll(until).toBe(true);
  };

  writeFileSync(directory.file('new'), '{"a":"second"}');
  renameSync(directory.file('new'), path);
  await look(() => host.recordedLog.messages('info').length === 1);
  await lookup.send('a');

  writeFileSync(path, '{"a":');
  await look(() => errors() === 1);
  const before = lines();
  await expect.poll(() => host.manualClock.pending).toBe(1);
  await host.manualClock.advance(10_000);
  await expect.poll(() => host.manualClock.pending).toBe(1);
  expect(lines()).toBe(before);
  await lookup.send('a');

  rmSync(path);
  await look(() => errors() === 2);
  await lookup.send('a');
  await expect.poll(() => host.manualClock.pending).toBe(1);

  writeFileSync(path, '{"a":"third"}');
  await look(() => host.recordedLog.messages('info').length === 2);
  await lookup.send('a');
  expect(lookup.records.map(({ v }) => v)).toEqual(['second', 'second', 'second', 'third']);
  const count = (name: string) =>
    host.recordedTelemetry.value(`lookup_source_${name}{processor="under/test",signal="logs"}`);
  expect([count('reloads'), count('reload_failures')]).toEqual([2, 2]);
});
