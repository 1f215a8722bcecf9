import { jsonToProto, LogsBatch, MetricsBatch, ProfilesBatch, TracesBatch } from '@millrace/otlp';
import { FakeStepTools } from '@millrace/testkit';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FileExporterConfig } from './config.ts';
import { groupPath } from './group-path.ts';
import { GroupedEncoder } from './grouped-encoder.ts';
import { GroupedFileSink } from './grouped-file-sink.ts';
import { Rig, rotation, sendBytes } from './testing/rig.ts';
import { bodiesOf, bodiesOfRequests, logsRequest } from './testing/samples.ts';

const GROUPED = { enabled: true, resource_attribute: 'service.name', max_open_files: 100 };

class GroupedRig extends Rig {
  readonly tools = new FakeStepTools();

  grouped(changes: Partial<FileExporterConfig> = {}): FileExporterConfig {
    return this.settings({ path: join(this.directory, '*.jsonl'), group_by: GROUPED, ...changes });
  }

  async sinkFor(settings: FileExporterConfig): Promise<GroupedFileSink> {
    const sink = new GroupedFileSink(settings, this.host);
    onTestFinished(() => sink.shutdown());
    await sink.start();
    return sink;
  }

  send(sink: GroupedFileSink, settings: FileExporterConfig, ...requests: Uint8Array[]): Promise<void> {
    const bytes = new GroupedEncoder(settings, this.tools).encode(LogsBatch.of(requests));
    return sendBytes(sink, Uint8Array.from(bytes));
  }
}

/** Two requests as one on the wire. */
const merged = (...requests: Uint8Array[]) => Uint8Array.from(Buffer.concat(requests));

it('each resource goes to the file of its group', async () => {
  const rig = new GroupedRig();
  const settings = rig.grouped();
  const sink = await rig.sinkFor(settings);
  const both = merged(logsRequest(0, 2, 'cart'), logsRequest(1, 2, 'shop'), logsRequest(2, 2, 'cart'));
  await rig.send(sink, settings, both, logsRequest(3, 2, 'shop'));
  expect(rig.names).toEqual(['cart.jsonl', 'shop.jsonl']);
  expect(bodiesOf(rig.read('cart.jsonl'))).toEqual([...bodiesOfRequests(0, 1, 2), ...bodiesOfRequests(2, 3, 2)]);
  expect(bodiesOf(rig.read('shop.jsonl'))).toEqual([...bodiesOfRequests(1, 2, 2), ...bodiesOfRequests(3, 4, 2)]);
});

it('resources without the attribute are dropped and counted, as by the Collector', async () => {
  const rig = new GroupedRig();
  const settings = rig.grouped({ group_by: { ...GROUPED, resource_attribute: 'nowhere' } });
  const sink = await rig.sinkFor(settings);
  await rig.send(sink, settings, logsRequest(0));
  expect(rig.names).toEqual([]);
  expect(rig.tools.counts.get('exporter_file_resources_without_group')).toBe(1);
});

it('beyond max_open_files the file that was unused for the longest time is finished, and continued later', async () => {
  const rig = new GroupedRig();
  const settings = rig.grouped({ group_by: { ...GROUPED, max_open_files: 2 } });
  const sink = await rig.sinkFor(settings);
  for (let round = 0; round < 3; round++) {
    for (const [index, service] of ['a', 'b', 'c', 'd'].entries()) {
      await rig.send(sink, settings, logsRequest(round * 4 + index, 1, service));
    }
  }
  // Files are finished in the background.
  const locks = () => readdirSync(rig.directory).filter((name) => name.endsWith('.lock'));
  await expect.poll(() => locks().length, { timeout: 10_000 }).toBeLessThanOrEqual(2);
  expect(bodiesOf(rig.read('a.jsonl'))).toEqual([0, 4, 8].flatMap((number) => bodiesOfRequests(number, number + 1, 1)));
});

it('many groups at the same time, through few open files, lose nothing', async () => {
  const rig = new GroupedRig();
  const settings = rig.grouped({ group_by: { ...GROUPED, max_open_files: 3 } });
  const sink = await rig.sinkFor(settings);
  const services = Array.from({ length: 20 }, (_, index) => `service-${index}`);
  for (let round = 0; round < 3; round++) {
    await rig.send(sink, settings, ...services.map((service, index) => logsRequest(round * 20 + index, 1, service)));
  }
  await sink.shutdown();
  for (const [index, service] of services.entries()) {
    const numbers = [index, 20 + index, 40 + index];
    const bodies = numbers.flatMap((number) => bodiesOfRequests(number, number + 1, 1));
    expect(bodiesOf(rig.read(`${service}.jsonl`))).toEqual(bodies);
  }
});

it('groups rotate each for themselves', async () => {
  const rig = new GroupedRig();
  const settings = rig.grouped({ rotation: rotation({ max_megabytes: 1 }) });
  const sink = await rig.sinkFor(settings);
  for (let number = 0; number < 2; number++) await rig.send(sink, settings, logsRequest(number, 4000, 'cart'));
  expect(rig.names).toEqual(['cart-2023-11-14T22-13-20.000.jsonl', 'cart.jsonl']);
});

it('all signals are grouped, and profiles keep their dictionary', () => {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] };
  const rig = new GroupedRig();
  const encoder = new GroupedEncoder(rig.grouped(), rig.tools);
  const cases = [
    TracesBatch.of([jsonToProto('traces', JSON.stringify({ resourceSpans: [{ resource }] }))]),
    MetricsBatch.of([jsonToProto('metrics', JSON.stringify({ resourceMetrics: [{ resource }] }))]),
    ProfilesBatch.of([
      jsonToProto(
        'profiles',
        JSON.stringify({ resourceProfiles: [{ resource }], dictionary: { stringTable: ['', 'cpu'] } }),
      ),
    ]),
  ];
  const texts = cases.map((batch) => Buffer.from(encoder.encode(batch)).toString());
  expect(texts[0]).toContain('cart');
  expect(texts[1]).toContain('resourceMetrics');
  expect(texts[2]).toContain('"stringTable":["","cpu"]');
});

describe('a name from outside', () => {
  it.each([
    ['../../etc/passwd', 'logs/etc/passwd.jsonl'],
    ['..', 'logs/.jsonl'],
    ['a/../../b', 'logs/b.jsonl'],
    ['./a', 'logs/a.jsonl'],
    ['/a/b', 'logs/a/b.jsonl'],
    ['a\u0000b\nc*', 'logs/a_b_c_.jsonl'],
  ])('%j stays within the directory', (name, path) => {
    expect(groupPath('logs/*.jsonl', name)).toBe(path);
  });

  it('that is long is cut, and stays different from others', () => {
    const paths = ['a', 'b'].map((end) => groupPath('logs/*.jsonl', `${'é'.repeat(300)}${end}`));
    expect(new Set(paths).size).toBe(2);
    for (const path of paths) expect(Buffer.byteLength(path)).toBeLessThan(200);
  });

  it('makes directories on the way', async () => {
    const rig = new GroupedRig();
    const settings = rig.grouped();
    const sink = await rig.sinkFor(settings);
    await rig.send(sink, settings, logsRequest(0, 1, '../deep/er'));
    expect(existsSync(join(rig.directory, 'deep', 'er.jsonl'))).toBe(true);
    expect(bodiesOf(readFileSync(join(rig.directory, 'deep', 'er.jsonl'), 'utf8'))).toHaveLength(1);
  });

  it('that cannot be a file is refused, and others are still written', async () => {
    const rig = new GroupedRig();
    const settings = rig.grouped();
    const sink = await rig.sinkFor(settings);
    await rig.send(sink, settings, logsRequest(0, 1, 'file'));
    // A directory of the name of a file that is there.
    await expect(rig.send(sink, settings, logsRequest(1, 1, 'file.jsonl/x'))).rejects.toMatchObject({
      retryable: true,
    });
    await rig.send(sink, settings, logsRequest(2, 1, 'other'));
    expect(rig.names).toContain('other.jsonl');
  });
});
