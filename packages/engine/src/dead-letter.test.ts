import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SIGNALS } from '@millrace/api';
import { checksumOf, type DeadLetterHeader, headerOfLine } from '@millrace/delivery';
import { SimulatedFileSystem } from '@millrace/delivery/simulated-file-system';
import { jsonToProto, LogsBatch } from '@millrace/otlp';
import {
  collectorOf,
  idsIn,
  ManualClock,
  refuseForNow,
  refusePermanently,
  samplesOf,
  taggedRequest,
  type TestCollector,
} from '@millrace/testkit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { attributeOf, builtIn, STEPS } from './testing/steps.ts';

let directory: string;

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dead-letter-'));
});

afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

interface Entry extends DeadLetterHeader {
  readonly ids: readonly number[];
}

/** Every entry of the directory, checked against its checksum. */
function entries(): Entry[] {
  const names = fs.readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
  const text = names
    .toSorted()
    .map((name) => fs.readFileSync(path.join(directory, name), 'utf8'))
    .join('');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const header = headerOfLine(Buffer.from(line)) as DeadLetterHeader;
      const bytes =
        header.payload === undefined
          ? jsonToProto(header.signal, Buffer.from(line))
          : Buffer.from(header.payload, 'base64');
      expect(checksumOf(bytes)).toBe(header.crc32);
      return { ...header, ids: idsIn(header.signal, [bytes]) };
    });
}

function yaml(exporters: string, { service = '', processors = '', names = '[test/out]' } = {}): string {
  const kinds = [...processors.matchAll(/^ {2}(\S+):/gm)].map(([, name]) => name).join(', ');
  return `
receivers: { test/in: }
processors:
${processors === '' ? '  {}' : processors}
exporters:
  ${exporters}
service:
  ${service}
  shutdown_timeout: 2s
  pipelines: { logs: { receivers: [test/in], processors: [${kinds}], exporters: ${names} } }
`;
}

const plugins = [STEPS, builtIn('processor-batch')];

async function stopped(collector: TestCollector): Promise<void> {
  expect(await collector.shutdown()).toEqual({ leftItems: 0, keptItems: 0, openSubmissions: 0 });
  expect(collector.bytesInFlight).toBe(0);
}

describe('a directory', () => {
  test('keeps what the destination refuses for good, and the waiting sender is told that it was taken', async () => {
    const collector = await collectorOf(yaml(`test/out: { dead_letter: ${directory} }`));
    collector.out().script.push(refusePermanently);
    await collector.in().push('logs', [1, 2]);
    await collector.in().push('logs', [3]);
    await stopped(collector);
    expect(collector.out().ids()).toEqual([3]);
    expect(entries()).toMatchObject([
      {
        version: 1,
        component: 'exporter "test/out"',
        signal: 'logs',
        items: 2,
        reason: 'PERMANENT',
        message: 'the destination refuses this for good',
        attempts: 1,
        ids: [1, 2],
      },
    ]);
  });

  test('keeps what a queue gave up after its retries, with when and how often it was tried', async () => {
    const clock = new ManualClock();
    const retry =
      'retry_on_failure: { initial_interval: 1s, max_interval: 1s, randomization_factor: 0, multiplier: 1, max_elapsed_time: 3s }';
    const text = yaml(`test/out: { sending_queue: , ${retry}, dead_letter: ${directory} }`);
    const collector = await collectorOf(text.replace('sending_queue: ,', 'sending_queue: {},'), { clock });
    collector.out().otherwise = refuseForNow;
    await collector.in().push('logs', [7]);
    for (let call = 1; call <= 4; call++) {
      await collector.out().until(({ calls, open }) => calls === call && open === 0);
      await clock.advance(1000);
    }
    await expect.poll(() => entries()).toHaveLength(1);
    const [entry] = entries();
    expect(entry).toMatchObject({ reason: 'RETRIES_EXHAUSTED', attempts: 4, ids: [7] });
    expect(Date.parse(entry.last_time) - Date.parse(entry.first_time)).toBe(3000);
    const ending = collector.shutdown();
    await clock.advance(2000);
    expect(await ending).toMatchObject({ leftItems: 0 });
  });

  test('a sender that waits hears itself of what it can send again', async () => {
    const collector = await collectorOf(yaml(`test/out: { dead_letter: ${directory} }`));
    collector.out().script.push(refuseForNow);
    await expect(collector.in().push('logs', [1])).rejects.toMatchObject({ retryable: true });
    await stopped(collector);
    expect(entries()).toEqual([]);
  });

  test('keeps every signal as it came, also where JSON cannot say all of it', async () => {
    const text = yaml(`test/out: { dead_letter: ${directory} }`).replace(
      /pipelines: .*/,
      `pipelines: { ${SIGNALS.map((signal) => `${signal}: { receivers: [test/in], exporters: [test/out] }`).join(', ')} }`,
    );
    const collector = await collectorOf(text);
    collector.out().otherwise = refusePermanently;
    const sent: number[][] = [];
    for (const signal of SIGNALS) {
      for (const { bytes } of samplesOf(signal)) {
        if (idsIn(signal, [bytes]).length === 0) continue;
        await collector.in().send(signal, bytes);
        sent.push(idsIn(signal, [bytes]));
      }
    }
    await stopped(collector);
    expect(entries().map(({ ids }) => ids)).toEqual(sent);
    const plain = entries().filter(({ payload }) => payload === undefined);
    expect(plain.length).toBeGreaterThan(SIGNALS.length);
  });

  test('takes what a shutdown would leave in a queue in memory', async () => {
    const collector = await collectorOf(
      yaml(`test/out: { sending_queue: { num_consumers: 1 }, dead_letter: ${directory} }`),
    );
    collector.out().stall();
    for (let id = 0; id < 200; id++) await collector.in().push('logs', [id]);
    expect(await collector.shutdown()).toMatchObject({ leftItems: 0 });
    const ids = entries().flatMap((entry) => entry.ids);
    expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, id) => id));
    expect(new Set(entries().map(({ reason }) => reason))).toEqual(new Set(['SHUTDOWN']));
    collector.out().resume();
  });

  test('without room, holds what was accepted where it is, until files are deleted', async () => {
    const place = `{ directory: ${directory}, max_size: 8KiB }`;
    const collector = await collectorOf(yaml(`test/out: { sending_queue: { queue_size: 4 }, dead_letter: ${place} }`));
    collector.out().otherwise = refusePermanently;
    const isFull = () =>
      collector.logger.lines.some(({ message }) => message.startsWith('the dead letter takes nothing'));
    const taken: number[] = [];
    for (let id = 0; !isFull(); id++) {
      await collector.in().push('logs', [id]);
      taken.push(id);
      await vi.waitUntil(() => isFull() || entries().length === taken.length);
    }
    for (const id of [101, 102, 103]) {
      await collector.in().push('logs', [id]);
      taken.push(id);
    }
    await expect(collector.in().push('logs', [104])).rejects.toMatchObject({ code: 'QUEUE_FULL', retryable: true });
    const kept = entries().flatMap(({ ids }) => ids);
    expect(kept.length).toBeGreaterThan(0);
    expect(taken.length).toBe(kept.length + 4);
    for (const name of fs.readdirSync(directory)) {
      if (name.endsWith('.jsonl')) fs.rmSync(path.join(directory, name));
    }
    await expect.poll(() => entries().flatMap(({ ids }) => ids), { timeout: 5000 }).toHaveLength(4);
    expect([...kept, ...entries().flatMap(({ ids }) => ids)].toSorted((a, b) => a - b)).toEqual(taken);
    await stopped(collector);
  });

  test('with drop_oldest, deletes its oldest file, and counts what was in it', async () => {
    const place = `{ directory: ${directory}, max_size: 16KiB, when_full: drop_oldest }`;
    const collector = await collectorOf(yaml(`test/out: { dead_letter: ${place} }`), { metrics: true });
    collector.out().otherwise = refusePermanently;
    for (let id = 0; id < 40; id++) await collector.in().push('logs', [id]);
    const ids = entries().flatMap((entry) => entry.ids);
    expect(ids.at(-1)).toBe(39);
    expect(ids.length).toBeLessThan(40);
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => 40 - ids.length + index));
    const metrics = await collector.metrics();
    const dropped = [...metrics].filter(([name]) => name.startsWith('millrace_dead_letter_dropped_items'));
    expect(dropped.map(([, value]) => value)).toEqual([40 - ids.length]);
    const kept = [...metrics].find(([name]) => name.startsWith('otelcol_exporter_dead_letter_items'));
    expect(kept?.[1]).toBe(40);
    await stopped(collector);
  });
});

test('with drop_oldest, an entry that is larger than all may be comes in several, of which the last ones stay', async () => {
  const letter = `dead_letter: { directory: ${directory}, max_size: 12KiB, when_full: drop_oldest }`;
  const collector = await collectorOf(yaml(`test/out: { ${letter} }`));
  collector.out().otherwise = refusePermanently;
  const ids = Array.from({ length: 8 }, (_, index) => index + 1);
  await collector.in().send('logs', taggedRequest('logs', ids, { paddingBytes: 2_000 }));
  const kept = entries().flatMap((entry) => entry.ids);
  expect(kept.length).toBeGreaterThanOrEqual(2);
  expect(kept).toEqual(ids.slice(-kept.length));
  await stopped(collector);
});

test('what can never fit into the directory goes back to its sender, or stays in its queue on disk', async () => {
  const letter = `dead_letter: { directory: ${directory}, max_size: 2KiB }`;
  const disk = new SimulatedFileSystem({ seed: 1 });
  const text = `
receivers: { test/in: }
extensions: { test_storage: }
exporters:
  test/out: { ${letter} }
  test/queued: { ${letter}, sending_queue: { storage: test_storage }, retry_on_failure: { enabled: false } }
service:
  extensions: [test_storage]
  shutdown_timeout: 1s
  pipelines:
    logs: { receivers: [test/in], exporters: [test/out] }
    traces: { receivers: [test/in], exporters: [test/queued] }
`;
  const collector = await collectorOf(text, { disk });
  for (const id of ['test/out', 'test/queued']) collector.out(id).otherwise = refusePermanently;
  const large = (signal: 'logs' | 'traces') => taggedRequest(signal, [1], { paddingBytes: 4_000 });
  await expect(collector.in().send('logs', large('logs'))).rejects.toMatchObject({ retryable: false });
  await collector.in().send('traces', large('traces'));
  await collector.out('test/queued').until(({ calls, open }) => calls > 0 && open === 0);
  expect(await collector.shutdown()).toMatchObject({ leftItems: 0, keptItems: 1 });
});

describe('an exporter as dead letter', () => {
  test('gets the data with attributes that say why', async () => {
    const collector = await collectorOf(yaml('{ test/out: { dead_letter: test/last }, test/last: }'));
    collector.out().otherwise = refusePermanently;
    await collector.in().push('logs', [1, 2]);
    await stopped(collector);
    const { accepted } = collector.out('test/last');
    expect(collector.out('test/last').ids()).toEqual([1, 2]);
    const [resource] = LogsBatch.of(accepted.map(({ bytes }) => bytes)).resources;
    expect(resource.attributes.get('millrace.dead_letter.component')).toBe('exporter "test/out"');
    expect(resource.attributes.get('millrace.dead_letter.reason')).toBe('PERMANENT');
    expect(resource.attributes.get('millrace.dead_letter.attempts')).toBe('1');
  });

  test('in a chain, what the first one and the second one refuse reaches the third, at shutdown too', async () => {
    const collector = await collectorOf(
      yaml('{ test/out: { dead_letter: test/b, sending_queue: {} }, test/b: { dead_letter: test/c }, test/c: }'),
    );
    for (const id of ['test/out', 'test/b']) collector.out(id).otherwise = refusePermanently;
    await collector.in().push('logs', [1]);
    await stopped(collector);
    expect(collector.out('test/c').ids()).toEqual([1]);
  });

  test.each([
    ['{ test/out: { dead_letter: test/out } }', 'test/out -> test/out'],
    ['{ test/out: { dead_letter: test/b }, test/b: { dead_letter: test/out } }', 'test/out -> test/b -> test/out'],
  ])('a circle is refused at start: %s', async (exporters, chain) => {
    await expect(collectorOf(yaml(exporters), { start: false })).rejects.toThrow(
      `dead_letter goes round in a circle: ${chain}`,
    );
  });

  test('one that is not defined is refused, with its place', async () => {
    await expect(collectorOf(yaml('test/out: { dead_letter: test/other }'), { start: false })).rejects.toThrow(
      'the exporter "test/other" is not defined',
    );
  });
});

describe('service.dead_letter', () => {
  test('holds for every exporter that has none of its own', async () => {
    const exporters = '{ test/out: , test/own: { dead_letter: none } }';
    const text = yaml(exporters, { service: `dead_letter: ${directory}`, names: '[test/out]' });
    const collector = await collectorOf(text.replace('test/out: ,', 'test/out: {},'));
    collector.out().otherwise = refusePermanently;
    await collector.in().push('logs', [1]);
    await stopped(collector);
    expect(entries().map(({ ids }) => ids)).toEqual([[1]]);
  });

  test('keeps what a step refuses after the sender was answered', async () => {
    const processors = '  batch: { timeout: 10ms }\n  poisoned_by: { id: 2 }';
    const exporters = 'test/out: { guarantee: memory }';
    const collector = await collectorOf(yaml(exporters, { service: `dead_letter: ${directory}`, processors }), {
      plugins,
    });
    await collector.in().push('logs', [1, 2, 3]);
    await collector.out().received(2);
    await stopped(collector);
    expect(collector.out().ids()).toEqual([1, 3]);
    expect(entries()).toMatchObject([
      {
        reason: 'PERMANENT',
        message: expect.stringContaining('record 2 is poison') as string,
        ids: [1, 2, 3],
        rejected_items: 1,
      },
    ]);
  });

  test.each([
    ['stage "logs:batch"', '{ enabled: false }'],
    ['connector "failover"', '{ enabled: true }'],
  ])('keeps what a connector refuses for good after the sender was answered: %s', async (component, queue) => {
    const text = `
receivers: { test/in: }
processors: { batch: { timeout: 10ms }, poisoned_by: { id: 2 } }
connectors: { failover: { priority_levels: [[logs/behind]], sending_queue: ${queue} } }
exporters: { test/out: { guarantee: memory } }
service:
  dead_letter: ${directory}
  pipelines:
    logs: { receivers: [test/in], processors: [batch], exporters: [failover] }
    logs/behind: { receivers: [failover], processors: [poisoned_by], exporters: [test/out] }
`;
    const collector = await collectorOf(text, { plugins: [...plugins, builtIn('connector-failover')] });
    await collector.in().push('logs', [4, 5]);
    await collector.out().received(2);
    await collector.in().push('logs', [1, 2, 3]);
    await stopped(collector);
    expect(entries()).toMatchObject([{ component, message: expect.stringContaining('record 2 is poison') as string }]);
    expect(entries()[0].ids).toEqual([1, 2, 3]);
  });

  test('leaves what a step refuses to a sender that waits', async () => {
    const processors = '  poisoned_by: { id: 2 }';
    const collector = await collectorOf(yaml('test/out:', { service: `dead_letter: ${directory}`, processors }), {
      plugins,
    });
    await expect(collector.in().push('logs', [1, 2])).rejects.toMatchObject({ retryable: false });
    await stopped(collector);
    expect(attributeOf(collector.out().accepted, 'item.id')).toEqual([1]);
    expect(entries()).toEqual([]);
  });
});
