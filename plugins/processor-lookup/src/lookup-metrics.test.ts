import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { RecordingHost, running, TestDirectory } from './testing/lookup.ts';

test('each tier of the cache tells what it knew, and outlives the collector on disk', async () => {
  using directory = new TestDirectory();
  const path = directory.file('numbers.db');
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE numbers (id TEXT PRIMARY KEY, twice INTEGER)');
  for (let id = 0; id < 100; id++) database.prepare('INSERT INTO numbers VALUES (?, ?)').run(String(id), 2 * id);
  database.close();
  const cache = { size: 10, compressed_max_bytes: 100_000, disk: { directory: directory.file('cache') } };
  const source = { type: 'sqlite', path, query: 'SELECT twice FROM numbers WHERE id = ?', cache };
  const settings = { source, lookups: [{ key: 'attributes["k"]', attributes: [{ destination: 'twice' }] }] };
  const keys = Array.from({ length: 100 }, (_, id) => String(id));
  const expected = keys.map((k) => ({ k, twice: { int: String(2 * Number(k)) } }));
  const valueOf = (host: RecordingHost, name: string, tier: string) =>
    host.recordedTelemetry.value(`processor_lookup_cache_${name}{processor="under/test",signal="logs",tier="${tier}"}`);

  const first = await running(settings);
  await first.send(...keys);
  await first.send(...keys);
  expect(first.records).toEqual([...expected, ...expected]);
  const { host } = first;
  expect(
    host.recordedTelemetry.value('processor_lookup_requests{processor="under/test",signal="logs",outcome="answered"}'),
  ).toBe(100);
  expect(valueOf(host, 'misses', 'memory')).toBeGreaterThanOrEqual(190);
  expect(valueOf(host, 'evictions', 'memory')).toBeGreaterThanOrEqual(90);
  expect(valueOf(host, 'hits', 'memory') + valueOf(host, 'hits', 'compressed')).toBe(100);
  expect(valueOf(host, 'hit_ratio', 'compressed')).toBeGreaterThan(0.4);
  expect(valueOf(host, 'entries', 'memory')).toBe(10);
  expect(valueOf(host, 'entries', 'compressed')).toBe(90);
  expect(valueOf(host, 'bytes', 'compressed')).toBeGreaterThan(1_000);
  await first.processor.shutdown();
  expect(host.recordedTelemetry.gauges).toEqual([]);

  const second = await running(settings, new RecordingHost({ signal: 'logs', guarantee: 'safe' }));
  await second.send(...keys);
  expect(second.records).toEqual(expected);
  expect(valueOf(second.host, 'hits', 'disk')).toBe(100);
  expect(second.host.recordedTelemetry.sum(/requests/)).toBe(0);
  await second.processor.shutdown();
});
