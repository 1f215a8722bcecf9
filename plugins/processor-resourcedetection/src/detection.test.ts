import type { StepTools } from '@millrace/api';
import { LogsBatch, LogsBuilder, type AnyValueInput } from '@millrace/otlp';
import { collectorOf, FakeStepTools, idsIn, taggedRequest } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import { Detection } from './detection.ts';
import type { DetectionSettings } from './detection-settings.ts';
import { detect } from './detectors.ts';
import type { Machine } from './machine.ts';
import { ResourceMerge } from './resource-merge.ts';
import { fakeMachine } from './testing/fake-machine.ts';
import { SETTINGS } from './testing/settings.ts';

const flags = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { enabled: true }]));
const env = (text: string) => ({ OTEL_RESOURCE_ATTRIBUTES: text });

describe('detection', () => {
  const found = (settings: Partial<DetectionSettings>, machine: Machine) =>
    Object.fromEntries(detect(machine, { ...SETTINGS, ...settings }).attributes);

  test('the first detector that finds an attribute decides', () => {
    const machine = fakeMachine({ env: env('host.name=from-env,a=b') });
    expect(found({ detectors: ['env', ' system '] }, machine)).toEqual({
      'host.name': 'from-env',
      a: 'b',
      'os.type': 'linux',
    });
    expect(found({ detectors: ['system', 'env'] }, machine)).toEqual({
      'host.name': 'web-1',
      a: 'b',
      'os.type': 'linux',
    });
  });

  test('only what is enabled is added', () => {
    const system = {
      hostname_sources: [],
      resource_attributes: { 'host.name': { enabled: false }, ...flags('host.arch') },
    };
    expect(found({ detectors: ['system'], system }, fakeMachine())).toEqual({ 'host.arch': 'amd64' });
    expect(found({ detectors: ['process', 'container'] }, fakeMachine())).toEqual({ 'process.pid': 42 });
  });

  test('empty lists are left out', () => {
    const system = { hostname_sources: ['os'], resource_attributes: flags('host.ip', 'host.mac') };
    expect(found({ detectors: ['system'], system }, fakeMachine())).toEqual({});
  });

  test('lists of attributes restrict what is added', () => {
    const machine = fakeMachine({ env: env('a=1,b=2') });
    expect(found({ env: { allowlist: ['b', 'os.type'] }, detectors: ['env', 'system'] }, machine)).toEqual({
      b: '2',
      'host.name': 'web-1',
      'os.type': 'linux',
    });
    expect(found({ attributes: ['a'], detectors: ['env', 'system'] }, machine)).toEqual({ a: '1' });
  });

  test('what services tell takes its place in the order', () => {
    const answers = { found: { ec2: { 'host.name': 'ip-1', 'host.id': 'i-1', 'ec2.tag.a': 'b' } }, failures: {} };
    const ec2 = { ...SETTINGS.ec2, resource_attributes: { ...flags('host.name'), 'host.id': { enabled: false } } };
    const tag = { 'ec2.tag.a': 'b' };
    const machine = fakeMachine({ answers, env: env('host.name=from-env') });
    expect(found({ detectors: ['ec2', 'env'], ec2 }, machine)).toEqual({ 'host.name': 'ip-1', ...tag });
    expect(found({ detectors: ['env', 'ec2'], ec2 }, machine)).toEqual({ 'host.name': 'from-env', ...tag });
  });

  test('services are not asked before there is data, and what they fail to tell is logged or refuses the data', () => {
    let asked = 0;
    const machine = {
      ...fakeMachine(),
      ask: () => ({ found: {}, failures: { ec2: `no answer ${++asked}` } }),
    };
    const tools = new FakeStepTools();
    const lenient = new Detection(machine, { ...SETTINGS, detectors: ['ec2'] }, tools);
    expect(asked).toBe(0);
    expect([lenient.merge, lenient.merge]).toEqual([expect.any(ResourceMerge), expect.any(ResourceMerge)]);
    expect(asked).toBe(1);
    const ec2 = { ...SETTINGS.ec2, fail_on_missing_metadata: true };
    const strict = new Detection(machine, { ...SETTINGS, detectors: ['ec2'], ec2 }, tools);
    for (const answer of ['no answer 2', 'no answer 3']) expect(() => strict.merge).toThrow(answer);
  });

  test('runs again after the interval, and keeps what it had when that fails', () => {
    let now = 0n;
    let text = 'a=1';
    const machine = {
      ...fakeMachine(),
      get env() {
        return env(text);
      },
    };
    const tools = new FakeStepTools();
    const timed: StepTools = {
      id: 'x',
      count: tools.count,
      logger: tools.recordedLog,
      context: undefined,
      nowUnixNano: () => now,
    };
    const detection = new Detection(machine, { ...SETTINGS, refresh_interval: 60_000 }, timed);
    const merged = () => {
      const builder = new LogsBuilder();
      const resource = builder.addResource();
      detection.merge.apply(resource.attributes);
      return resource.attributes.toObject();
    };
    expect(merged()).toEqual({ a: '1' });
    text = 'a=2';
    now = 59_999_999_999n;
    expect(merged()).toEqual({ a: '1' });
    now = 60_000_000_000n;
    expect(merged()).toEqual({ a: '2' });
    text = 'broken';
    now = 120_000_000_000n;
    expect(merged()).toEqual({ a: '2' });
    expect(tools.recordedLog.lines.map(({ level }) => level)).toEqual(['warn']);
    text = 'a=3';
    now = 180_000_000_000n;
    expect(merged()).toEqual({ a: '3' });
  });
});

describe('merging', () => {
  const merged = (found: Record<string, AnyValueInput>, override: boolean, before: Record<string, AnyValueInput>) => {
    const builder = new LogsBuilder();
    const resource = builder.addResource();
    for (const [name, value] of Object.entries(before)) resource.attributes.set(name, value);
    resource.addScope().addRecord().severityText = 'INFO';
    const bytes = builder.toBytes();
    const batch = LogsBatch.of([bytes]);
    const merge = new ResourceMerge(new Map(Object.entries(found)), override);
    for (const each of batch.resources) merge.apply(each.attributes);
    const [chunk] = batch.chunks;
    const [after] = LogsBatch.of([chunk]).resources;
    return { attributes: after.attributes.toObject(), untouched: chunk === bytes };
  };

  test.each<[Record<string, AnyValueInput>, boolean, Record<string, AnyValueInput>, object, boolean]>([
    [{ a: 'x', b: 1 }, true, {}, { a: 'x', b: 1 }, false],
    [{ a: 'x' }, true, { a: 'y', c: 1 }, { a: 'x', c: 1 }, false],
    [{ a: 'x' }, true, { a: 1 }, { a: 'x' }, false],
    [{ a: 'x', b: 1 }, false, { a: 'y' }, { a: 'y', b: 1 }, false],
    [{ a: 'x' }, false, { a: 'y' }, { a: 'y' }, true],
    [{ a: 'x', b: ['1', '2'], c: 3 }, true, { c: 3, a: 'x', b: ['1', '2'] }, { a: 'x', b: ['1', '2'], c: 3 }, true],
    [{}, true, { a: 1 }, { a: 1 }, true],
  ])('%j with override %s into %j', (found, override, before, attributes, untouched) => {
    expect(merged(found, override, before)).toEqual({ attributes, untouched });
  });
});

async function collector(settings: string) {
  const pipeline = '{ receivers: [test/in], processors: [resource_detection], exporters: [test/out] }';
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `processors: { resource_detection: ${settings} }`,
    `service: { pipelines: { logs: ${pipeline}, traces: ${pipeline}, metrics: ${pipeline}, profiles: ${pipeline} } }`,
  ].join('\n');
  return collectorOf(yaml, { plugins: [new URL('./index.ts', import.meta.url)] });
}

test.each(['logs', 'traces', 'metrics', 'profiles'] as const)(
  'resources of %s get what was detected',
  async (signal) => {
    await using running = await collector('{ detectors: [process] }');
    await running.in().send(signal, taggedRequest(signal, [1, 2]));
    const [payload] = running.out().accepted;
    expect(Buffer.from(payload.bytes).toString('latin1')).toContain('process.runtime.name');
    expect([...idsIn(signal, [payload.bytes])]).toEqual([1, 2]);
  },
);

test.each([
  ['{ ec2: { tags: [a] } }', 'ec2.tags', 'set tags_from_imds: true'],
  ['{ azure: { tags: ["("] } }', 'azure.tags[0]', 'RE2'],
  ['{ gcp: { labels: [a] } }', 'gcp.labels', 'is not supported'],
  ['{ detectors: [eks] }', 'detectors[0]', 'the detector eks is not supported'],
  ['{ detectors: [env, k8snode] }', 'detectors[1]', 'the detector k8snode is not supported'],
  ['{ detectors: [sytem] }', 'detectors[0]', '"sytem" is no detector'],
  ['{ system: { hostname_sources: [cname] } }', 'hostname_sources[0]', 'asks a name server'],
  ['{ system: { hostname_sources: [os, dhcp] } }', 'hostname_sources[1]', '"dhcp" is no source'],
  ['{ system: { resource_attributes: { host.nam: { enabled: true } } } }', 'host.nam', 'host.name'],
])('refuses %s at %s', async (settings, place, problem) => {
  const error: unknown = await collector(settings).catch((reason: unknown) => reason);
  expect(String(error)).toContain(place);
  expect(String(error)).toContain(problem);
});
