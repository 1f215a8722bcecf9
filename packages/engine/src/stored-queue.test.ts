import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  type Definition,
  defineReceiver,
  type ReceiverHost,
  type Signal,
  SIGNALS,
  storageId,
  Type,
} from '@millrace/api';
import { collectorOf, refuseForNow, samplesOf, taggedRequest, type TestCollector } from '@millrace/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtIn, STEPS } from './testing/steps.ts';

const plugins = [builtIn('extension-file-storage'), builtIn('processor-batch')];

let directory: string;

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'stored-queue-'));
});

afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

interface Setup {
  readonly queue?: string;
  readonly storage?: string;
  readonly exporters?: string;
  readonly service?: string;
}

/** `logs`, `traces`, `metrics` and `profiles` from `test/in` into a stored queue in front of `test/out`. */
function yaml({ queue = 'num_consumers: 1', storage = '', exporters, service = '' }: Setup = {}): string {
  const stored = exporters ?? `test/out: { sending_queue: { storage: file_storage, ${queue} } }`;
  const names = [...stored.matchAll(/test\/\w+/g)].join(', ');
  const pipeline = (signal: Signal) => `${signal}: { receivers: [test/in], exporters: [${names}] }`;
  return `
receivers: { test/in: }
exporters: { ${stored} }
extensions: { file_storage: { directory: ${directory}, min_free_space: 0, ${storage} } }
service:
  extensions: [file_storage]
  shutdown_timeout: 2s
  ${service}
  pipelines: { ${SIGNALS.map(pipeline).join(', ')} }
`;
}

const start = (setup?: Setup, threads = 0): Promise<TestCollector> => collectorOf(yaml(setup), { plugins, threads });

/** Pushes one item for each id, one request each. */
async function push(collector: TestCollector, ids: readonly number[]): Promise<void> {
  for (const id of ids) await collector.in().push('logs', [id]);
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** A collector whose destination is away takes data and is stopped. */
async function leave(ids: readonly number[], setup?: Setup): Promise<void> {
  const collector = await start(setup);
  collector.out().otherwise = refuseForNow;
  await push(collector, ids);
  const report = await collector.shutdown();
  expect(report).toEqual({ leftItems: 0, keptItems: ids.length, openSubmissions: 0 });
  expect(collector.bytesInFlight).toBe(0);
}

const RETRY = 'retry_on_failure: { initial_interval: 10ms }';
const PATIENT = `test/out: { sending_queue: { storage: file_storage, num_consumers: 1 }, ${RETRY} }`;

describe('a queue in a storage', () => {
  test.each([0, 1])('is delivered by the next collector, in order (%i workers)', async (threads) => {
    await leave(range(1, 20), { exporters: PATIENT });
    const collector = await start({ exporters: PATIENT }, threads);
    await collector.out().received(20);
    expect(collector.out().ids()).toEqual(range(1, 20));
    expect(await collector.shutdown()).toEqual({ leftItems: 0, keptItems: 0, openSubmissions: 0 });
    expect(collector.bytesInFlight).toBe(0);

    await using third = await start();
    await push(third, [21]);
    await third.out().received(1);
    expect(third.out().ids()).toEqual([21]);
  });

  test('keeps every signal as it came, byte for byte', async () => {
    const direct = await collectorOf(yaml({ exporters: 'test/out: ' }), { plugins });
    for (const signal of SIGNALS) for (const { bytes } of samplesOf(signal)) await direct.in().send(signal, bytes);
    await direct.shutdown();

    const exporters = `test/out: { sending_queue: { storage: file_storage, num_consumers: 1, sizer: bytes, queue_size: 100000000 }, ${RETRY} }`;
    const first = await start({ exporters });
    first.out().otherwise = refuseForNow;
    for (const signal of SIGNALS) for (const { bytes } of samplesOf(signal)) await first.in().send(signal, bytes);
    const { keptItems } = await first.shutdown();
    expect(keptItems).toBeGreaterThan(10);

    const second = await start({ exporters });
    await second.out().received(keptItems);
    await second.shutdown();
    for (const signal of SIGNALS) {
      const of = (collector: TestCollector) => {
        const own = collector.out().accepted.filter((payload) => payload.signal === signal && payload.items > 0);
        return own.map(({ bytes, items }) => ({ items, bytes: Buffer.from(bytes) }));
      };
      expect(of(second), signal).toEqual(of(direct));
    }
  });

  test.each([0, 1])('loses one record to its encoder, not those beside it (%i workers)', async (threads) => {
    const queue = 'sending_queue: { storage: file_storage, batch: { min_size: 12, flush_timeout: 10s } }';
    const exporters = `picky: { id: 4, ${queue} }, test/out: `;
    const pipelines = '{ logs: { receivers: [test/in], exporters: [picky] } }';
    const text = yaml({ exporters }).replace(/pipelines: .*/, `pipelines: ${pipelines}`);
    const collector = await collectorOf(text, { plugins: [...plugins, STEPS], threads });
    await collector.in().push('logs', range(1, 6));
    await collector.in().push('logs', range(7, 6));
    await collector.shutdown();
    const { sent, failed } = collector.collector.snapshot();
    // Both as the exporter and as the engine counted.
    expect({ sent, failed }).toEqual({ sent: 2 * 11, failed: 1 });
    expect(collector.bytesInFlight).toBe(0);
  });

  test('merges what it held, as it merges what comes', async () => {
    const batch = 'batch: { min_size: 8, max_size: 8, flush_timeout: 50ms }, num_consumers: 1';
    const exporters = `test/out: { sending_queue: { storage: file_storage, ${batch} }, ${RETRY} }`;
    await leave(range(1, 20), { exporters });
    const collector = await start({ exporters });
    await collector.out().received(20);
    expect(collector.out().accepted.map(({ items }) => items)).toEqual([8, 8, 4]);
    expect(collector.out().ids()).toEqual(range(1, 20));
    expect(await collector.shutdown()).toMatchObject({ keptItems: 0 });
  });

  test('counts what it held against its size: senders are refused, or wait, until there is room', async () => {
    await leave(range(1, 3), { exporters: PATIENT });
    const full = await start({ queue: 'num_consumers: 1, queue_size: 3' });
    full.out().stall();
    await full.out().until(({ open }) => open === 1);
    await expect(push(full, [4])).rejects.toMatchObject({ code: 'QUEUE_FULL', retryable: true });
    full.out().otherwise = refuseForNow;
    full.out().resume();
    await full.shutdown();
  });

  test('lets senders wait for room with block_on_overflow', async () => {
    const collector = await start({ queue: 'num_consumers: 1, queue_size: 2, block_on_overflow: true' });
    collector.out().stall();
    await push(collector, [1, 2]);
    let taken = false;
    const third = push(collector, [3]).then(() => (taken = true));
    await collector.out().until(({ open }) => open === 1);
    expect(taken).toBe(false);
    collector.out().resume();
    await third;
    await collector.out().received(3);
    await collector.shutdown();
  });

  test('passes over what is larger than the budget of this start, says so, and keeps it for another one', async () => {
    const exporters = `test/out: { sending_queue: { storage: file_storage }, ${RETRY} }`;
    const first = await start({ exporters });
    first.out().otherwise = refuseForNow;
    await first.in().send('logs', taggedRequest('logs', [1], { paddingBytes: 500_000 }));
    await first.in().push('logs', [2]);
    expect(await first.shutdown()).toMatchObject({ keptItems: 2 });

    const second = await start({ exporters, service: 'bytes_in_flight_max: 200KiB' });
    await second.out().received(1);
    expect(second.out().ids()).toEqual([2]);
    const { fields } = second.logger.lines.find(({ level }) => level === 'error') ?? {};
    expect(fields).toMatchObject({ items: 1, error: expect.stringContaining('bytes_in_flight_max') as string });
    await second.shutdown();

    const third = await start({ exporters });
    await third.out().received(1);
    expect(third.out().ids()).toEqual([1]);
    await third.shutdown();
  });

  test('holds a large backlog on disk, not in memory', async () => {
    const service = 'bytes_in_flight_max: 4MiB';
    const exporters = `test/out: { sending_queue: { storage: file_storage, num_consumers: 2 }, ${RETRY} }`;
    const record = { body: { stringValue: randomBytes(100_000).toString('latin1') } };
    const body = Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }));
    const { jsonToProto } = await import('@millrace/otlp');
    const request = jsonToProto('logs', body);
    const first = await start({ exporters, service });
    first.out().otherwise = refuseForNow;
    for (let count = 0; count < 200; count++) await first.in().send('logs', request);
    expect(first.bytesInFlight).toBeLessThan(1_500_000);
    expect(await first.shutdown()).toMatchObject({ keptItems: 200 });

    const second = await start({ exporters, service });
    let most = 0;
    second.out().otherwise = async () => {
      most = Math.max(most, second.bytesInFlight);
      await Promise.resolve();
    };
    await second.out().received(200);
    expect(most).toBeLessThan(3_000_000);
    expect(await second.shutdown()).toMatchObject({ keptItems: 0 });
    expect(second.bytesInFlight).toBe(0);
  });

  test('frees the disk of what was delivered', async () => {
    const { jsonToProto } = await import('@millrace/otlp');
    const record = { body: { stringValue: 'x'.repeat(50_000) } };
    const body = Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }));
    const collector = await start({ storage: 'max_size: 4MiB' });
    // Ten times the quota.
    for (let count = 0; count < 800; count++) {
      await collector.in().send('logs', jsonToProto('logs', body));
      await collector.out().received(count + 1);
    }
    expect(await collector.shutdown()).toMatchObject({ keptItems: 0 });
  });

  test('refuses for now what does not fit on the disk, and takes data again when there is room', async () => {
    const { jsonToProto } = await import('@millrace/otlp');
    const record = { body: { stringValue: 'x'.repeat(100_000) } };
    const body = Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }));
    const collector = await start({ storage: 'max_size: 2MiB' });
    collector.out().stall();
    let taken = 0;
    let refusal: unknown;
    while (refusal === undefined && taken < 100) {
      refusal = await collector
        .in()
        .send('logs', jsonToProto('logs', body))
        .then(() => undefined)
        .catch((error: unknown) => error);
      if (refusal === undefined) taken += 1;
    }
    expect(taken).toBeGreaterThan(5);
    expect(refusal).toMatchObject({ code: 'STORAGE_FULL', retryable: true });
    collector.out().resume();
    await collector.out().received(taken);
    await expect
      .poll(() =>
        collector
          .in()
          .send('logs', jsonToProto('logs', body))
          .catch(() => undefined),
      )
      .toBeDefined();
    await collector.out().received(taken + 1);
    await collector.shutdown();
  });
});

test('several exporters share a storage, each with what it has not delivered', async () => {
  const exporters = ['a', 'b', 'c']
    .map((name) => `test/${name}: { sending_queue: { storage: file_storage, num_consumers: 1 }, ${RETRY} }`)
    .join(', ');
  const first = await start({ exporters });
  first.out('test/b').otherwise = refuseForNow;
  first.out('test/c').stall();
  await push(first, range(1, 5));
  await first.out('test/a').received(5);
  expect(await first.shutdown()).toMatchObject({ leftItems: 0, keptItems: 10 });
  const second = await start({ exporters });
  await second.out('test/b').received(5);
  await second.out('test/c').received(5);
  await second.shutdown();
  expect(second.out('test/a').ids()).toEqual([]);
  expect(second.out('test/b').ids()).toEqual(range(1, 5));
  expect(second.out('test/c').ids()).toEqual(range(1, 5));
});

test('the guarantee of a pipeline says which exporters store and which deliver', async () => {
  const exporters = 'test/a: { sending_queue: { storage: file_storage } }, test/b: ';
  const collector = await collectorOf(yaml({ exporters }), { plugins, start: false });
  expect(collector.collector.pipelines[0]).toMatchObject({
    guarantee: 'safe',
    storedBy: ['test/a'],
    deliveredBy: ['test/b'],
  });
  await collector.shutdown();
});

test('a second collector on the directory is told who holds it', async () => {
  await using first = await start();
  expect(first.collector.ready).toBe(true);
  await expect(start({ storage: 'timeout: 60ms' })).rejects.toThrow(
    `cannot start extension "file_storage": the storage in ${directory} is in use by process ${process.pid} on ${os.hostname()}`,
  );
});

test('a directory that is not there is refused, unless it may be made', async () => {
  const missing = path.join(directory, 'a', 'b');
  const config = yaml().replace(directory, missing);
  await expect(collectorOf(config, { plugins })).rejects.toMatchObject({
    code: 'STORAGE_MISSING',
    remedy: 'Create the directory, or set create_directory: true.',
  });
  const made = config.replace(
    'min_free_space',
    "create_directory: true, directory_permissions: '0710', min_free_space",
  );
  const collector = await collectorOf(made, { plugins });
  expect(fs.statSync(missing).mode & 0o777).toBe(0o710);
  await collector.shutdown();
});

test('what is stored under an exporter that is gone is told of, and waits for it', async () => {
  await leave(range(1, 3), { exporters: PATIENT });
  const other = await start({ exporters: 'test/other: { sending_queue: { storage: file_storage } }' });
  expect(other.logger.lines).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      message: 'the storage holds data of an exporter that does not run; it stays there',
      fields: expect.objectContaining({ queue: 'test/out/logs', items: 3 }) as unknown,
    }),
  );
  await other.shutdown();
  await using again = await start({ exporters: PATIENT });
  await again.out().received(3);
});

test('damage in the directory does not fail the start: the rest is delivered', async () => {
  await leave(range(1, 30), { exporters: PATIENT });
  const segment = fs.readdirSync(directory).find((name) => name.endsWith('.seg'));
  const file = path.join(directory, segment ?? '');
  const bytes = fs.readFileSync(file);
  const middle = Math.floor(bytes.length / 2);
  bytes.fill(0xff, middle, middle + 40);
  fs.writeFileSync(file, bytes);
  const collector = await start({ exporters: PATIENT });
  await expect.poll(() => collector.out().ids().length).toBeGreaterThan(25);
  await collector.shutdown();
  expect(collector.out().ids()).toEqual(range(1, 30).filter((id) => collector.out().ids().includes(id)));
  expect(collector.logger.lines.filter(({ level }) => level === 'error')).not.toEqual([]);
});

describe('what components remember', () => {
  const remembering = (use: (host: ReceiverHost, storage: string) => Promise<void>): Definition =>
    defineReceiver({
      type: 'remembering',
      summary: 'Remembers.',
      stability: 'development',
      signals: ['logs'],
      config: Type.Object({ storage: storageId('Where it remembers.') }),
      examples: [{ title: 'None', yaml: 'remembering: ' }],
      create: ({ storage = '' }, host) => ({ start: () => use(host, storage) }),
    }) as Definition;

  async function run(use: (host: ReceiverHost, storage: string) => Promise<void>): Promise<void> {
    const config = `
receivers: { remembering/x: { storage: file_storage } }
exporters: { test/out: }
extensions: { file_storage: { directory: ${directory}, min_free_space: 0 } }
service:
  extensions: [file_storage]
  pipelines: { logs: { receivers: [remembering/x], exporters: [test/out] } }
`;
    const collector = await collectorOf(config, { plugins: [...plugins, remembering(use)] });
    await collector.shutdown();
  }

  test('outlives the process, and is their own', async () => {
    await run(async (host, storage) => {
      const state = host.state(storage);
      expect(state.get('offset')).toBeUndefined();
      await state.set('offset', Buffer.from('17'));
      await state.set('gone', Buffer.from('1'));
      await state.delete('gone');
    });
    await run(async (host, storage) => {
      const state = host.state(storage);
      expect(Buffer.from(state.get('offset') ?? []).toString()).toBe('17');
      expect(state.keys()).toEqual(['offset']);
      await state.set('offset', Buffer.from('18'));
      expect(Buffer.from(state.get('offset') ?? []).toString()).toBe('18');
    });
  });

  test('needs a storage that runs', async () => {
    await run((host) => {
      expect(() => host.state('file_storage/2')).toThrowError(expect.objectContaining({ code: 'STORAGE_UNAVAILABLE' }));
      return Promise.resolve();
    });
  });
});

test.each([
  ['file_storage/2', 'the extension "file_storage/2" is not defined'],
  ['test/out', 'is defined as an exporter, not as an extension'],
])('sending_queue.storage: %s is refused', async (storage, message) => {
  const config = yaml().replace('storage: file_storage', `storage: ${storage}`);
  await expect(collectorOf(config, { plugins })).rejects.toThrow(message);
});

test('storage cannot be combined with wait_for_result', async () => {
  await expect(start({ queue: 'wait_for_result: true' })).rejects.toMatchObject({
    code: 'DELIVERY_SETTINGS',
    message: expect.stringMatching(
      /exporter "test\/out" .*sending_queue.wait_for_result cannot be combined/,
    ) as unknown,
  });
});
