/** Queues on disk, as their user sees them: what is kept, what is said, and who may use a directory. */
import { chmodSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Destination } from './harness/destination.ts';
import { launchCollector, runMillrace, startCollector, WITHOUT_PRIVILEGES } from './harness/millrace.ts';
import { idsOf, postLogs } from './harness/requests.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const RECEIVER = 'otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } }';

/** Nobody listens there. */
const DEAD = 'http://127.0.0.1:9';

/** Collects logs into a stored queue in front of a destination. */
function configOf(url: string, { directory = 'store', storage = '' } = {}): string {
  return `
receivers: { ${RECEIVER} }
exporters:
  otlphttp:
    endpoint: "${url}"
    encoding: json
    compression: none
    sending_queue: { storage: file_storage, num_consumers: 1 }
    retry_on_failure: { initial_interval: 50ms, max_elapsed_time: 0 }
extensions: { file_storage: { directory: ${directory}, create_directory: true, min_free_space: 0, ${storage} } }
service:
  extensions: [file_storage]
  shutdown_timeout: 3s
  pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } }
`;
}

test.each([0, 1])(
  'stopped with its destination away, it keeps everything, says so, and delivers it after the next start (%i threads)',
  async (threads) => {
    const destination = await Destination.start();
    const config = configOf(destination.url);
    destination.answer = { status: 503 };
    const first = await startCollector(config, { threads });
    for (const id of ['a', 'b', 'c']) expect((await postLogs(first.http(), [id, `${id}2`])).status).toBe(200);
    await first.metric('otelcol_exporter_queue_size', { exporter: 'otlphttp' }, (size) => size === 3);
    expect((await first.scrape()).sum('millrace_storage_bytes', { storage: 'file_storage' })).toBeGreaterThan(1000);
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    expect(first.log.entries.at(-1)).toMatchObject({
      level: 'info',
      msg: 'stopped, 6 items kept on disk for the next start',
      kept_items: 6,
    });
    expect(first.log.entries.filter(({ level }) => level === 'error')).toEqual([]);

    destination.answer = { status: 200 };
    const second = await startCollector(config, { threads, cwd: first.cwd });
    await destination.items.findAll(6, () => true);
    expect(idsOf(destination.items.entries)).toEqual(['a', 'a2', 'b', 'b2', 'c', 'c2']);
    await second.metric('otelcol_exporter_queue_size', { exporter: 'otlphttp' }, (size) => size === 0);
    expect((await second.scrape()).sum('otelcol_exporter_sent_log_records')).toBe(6);
    await second.stop();
    expect(second.log.entries.at(-1)).toMatchObject({ msg: 'stopped, everything was delivered' });
  },
);

test('another encoding of the exporter does not matter to what is stored', async () => {
  const destination = await Destination.start();
  const proto = configOf(DEAD).replace('encoding: json', 'encoding: proto');
  const first = await startCollector(proto);
  await postLogs(first.http(), ['stored']);
  await first.stop();
  await startCollector(configOf(destination.url), { cwd: first.cwd });
  expect(idsOf([await destination.items.find(() => true)])).toEqual(['stored']);
});

test('a second collector on the directory ends at once and names the first', async () => {
  const destination = await Destination.start();
  const config = configOf(destination.url, { storage: 'timeout: 100ms' });
  const first = await startCollector(config);
  const second = launchCollector(config, { cwd: first.cwd });
  expect(await second.exited).toEqual({ code: 1, signal: null });
  const directory = join(first.cwd, 'store');
  expect(second.log.entries.at(-1)).toMatchObject({
    level: 'error',
    msg: `cannot start extension "file_storage": the storage in ${directory} is in use by process ${first.pid} on ${hostname()}`,
    remedy: 'Stop that process, or give each collector a directory of its own.',
  });
  expect((await postLogs(first.http(), ['unharmed'])).status).toBe(200);
});

test('a collector that waits for the directory takes it over when the first one stops', async () => {
  const destination = await Destination.start();
  const config = configOf(destination.url, { storage: 'timeout: 20s' });
  const first = await startCollector(config);
  const second = launchCollector(config, { cwd: first.cwd });
  await first.stop();
  await second.ready();
  expect((await postLogs(second.http(), ['next'])).status).toBe(200);
  await second.stop();
});

test('graph says what is sealed to disk, and what to change where it is not', async () => {
  const cwd = temporaryFolder();
  const stored = configOf('http://localhost:4318');
  const of = async (yaml: string) => (await runMillrace(['graph', '--config', `yaml:${yaml}`], { cwd })).stdout;
  expect(await of(stored)).toMatch(/^logs  at least once: sealed to disk before it is acknowledged$/m);
  const impatient = stored.replace(/max_elapsed_time: \w+/, 'max_elapsed_time: 50m');
  expect(await of(impatient)).toMatch(
    /acknowledged; otlphttp gives up after 3000 s of failures: set .*, or dead_letter$/m,
  );
  expect(await of(stored.replace('storage: file_storage, ', ''))).toMatch(
    /^logs  in memory: lost on a crash \(in otlphttp, sending_queue\.storage seals it to disk first, and .*wait_for_result/m,
  );
  const both = stored
    .replace('exporters:\n', 'exporters:\n  file: { path: out.jsonl, fsync: true }\n')
    .replace('[otlphttp]', '[otlphttp, file]');
  expect(await of(both)).toMatch(/sealed to disk \(otlphttp\) or delivered \(file\) before it is acknowledged$/m);
});

test.runIf(WITHOUT_PRIVILEGES)('a directory that may not be written is refused in one sentence', async () => {
  const cwd = temporaryFolder();
  const directory = join(cwd, 'locked');
  mkdirSync(directory);
  chmodSync(directory, 0o500);
  const command = WITHOUT_PRIVILEGES ?? [];
  const collector = launchCollector(configOf(DEAD, { directory }), { cwd, command });
  expect(await collector.exited).toEqual({ code: 1, signal: null });
  expect(collector.log.entries.at(-1)).toMatchObject({
    level: 'error',
    msg: expect.stringMatching(/cannot start extension "file_storage": cannot open the storage in .*locked/) as unknown,
    remedy: 'Give the directory and its files to the user that the collector runs as.',
  });
});
