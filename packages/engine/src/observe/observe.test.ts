import { collectorOf, taggedRequest, type TestCollector } from '@millrace/testkit';
import { LogsBatch } from '@millrace/otlp';
import type { Sight } from '@millrace/workers';
import { expect, test } from 'vitest';
import { builtIn, STEPS } from '../testing/steps.ts';
import type { ObservationLimits, Observed } from './observations.ts';

const LIMITS: ObservationLimits = { sampleEvery: 1, bytesMax: 65_536, bytesPerSecondMax: Infinity };
const plugins = [
  STEPS,
  builtIn('processor-attributes'),
  builtIn('processor-batch'),
  builtIn('processor-memory-limiter'),
  builtIn('connector-forward'),
];

function yaml(attribute = 'first'): string {
  return `
receivers: { test/in: , test/other: }
processors:
  memory_limiter: { check_interval: 1s, limit_mib: 4000 }
  attributes: { actions: [{ key: ${attribute}, value: yes, action: insert }] }
  batch: { timeout: 10ms }
exporters: { test/out: , test/in: }
connectors: { forward: }
service:
  pipelines:
    logs/a: { receivers: [test/in, test/other], processors: [memory_limiter, attributes, batch], exporters: [forward] }
    logs/b: { receivers: [forward], exporters: [test/out, test/in] }
`;
}

function keysOf({ chunks }: Sight): string[] {
  const keys: string[] = [];
  for (const record of LogsBatch.of(chunks).records) keys.push(Object.keys(record.attributes.toObject()).join(' '));
  return keys;
}

function text({ kind, id, pipeline, side, before, after }: Observed): string {
  const seen = [before, ...after].map((sight) => (sight === undefined ? '?' : keysOf(sight).join(',')));
  return `${kind} ${id} in ${pipeline} ${side}: ${seen.join(' -> ')}`;
}

async function observed(collector: TestCollector, name: string | undefined): Promise<string[]> {
  const all: Observed[] = [];
  const stop = collector.collector.observe(name, LIMITS, (each) => all.push(each));
  await collector.in().send('logs', taggedRequest('logs', [1]));
  stop();
  return all.map(text);
}

test('a name stands for every place that a component has: receivers, gates, steps, stateful ones, exporters', async () => {
  await using collector = await collectorOf(yaml(), { plugins });
  expect(collector.collector.observable).toEqual([
    'receiver:test/in',
    'test/other',
    'memory_limiter',
    'attributes',
    'batch',
    'forward',
    'exporter:test/in',
    'test/out',
    'logs/a',
    'logs/b',
  ]);
  const tag = taggedKey();
  expect(await observed(collector, undefined)).toEqual([`receiver test/in in logs/a after: ? -> ${tag}`]);
  expect(await observed(collector, 'memory_limiter')).toEqual([
    `processor memory_limiter in logs/a after: ? -> ${tag}`,
  ]);
  expect(await observed(collector, 'attributes')).toEqual([
    `processor attributes in logs/a both: ${tag} -> ${tag} first`,
  ]);
  expect(await observed(collector, 'batch')).toEqual([
    `processor batch in logs/a before: ${tag} first`,
    `processor batch in logs/a after: ? -> ${tag} first`,
  ]);
  expect(await observed(collector, 'forward')).toEqual([
    `connector forward in logs/a both: ${tag} first -> ${tag} first`,
  ]);
  expect(await observed(collector, 'logs/b')).toEqual([`pipeline logs/b in logs/b after: ? -> ${tag} first`]);
  expect(await observed(collector, 'exporter:test/in')).toEqual([`exporter test/in in logs/b before: ${tag} first`]);
  expect(await observed(collector, 'test/in')).toHaveLength(2);
  expect(await observed(collector, 'logs/a:attributes')).toHaveLength(1);
  expect(await observed(collector, 'logs/b:attributes').catch((error: unknown) => error)).toMatchObject({
    code: 'OBSERVE_UNKNOWN',
    remedy: expect.stringContaining('attributes, batch') as string,
  });
});

test('an edge is what comes to a component from its neighbour', async () => {
  await using collector = await collectorOf(yaml(), { plugins });
  const tag = taggedKey();
  expect(await observed(collector, 'attributes->batch')).toEqual([`processor batch in logs/a before: ${tag} first`]);
  expect(await observed(collector, 'test/in -> memory_limiter')).toEqual([
    `processor memory_limiter in logs/a before: ${tag}`,
  ]);
  expect(await observed(collector, 'test/other->memory_limiter')).toEqual([]);
  expect(await observed(collector, 'forward->test/out')).toEqual([`exporter test/out in logs/b before: ${tag} first`]);
  await expect(observed(collector, 'batch->attributes')).rejects.toMatchObject({ code: 'OBSERVE_UNKNOWN' });
});

test('an observation follows its name through a reload, and ends with the collector', async () => {
  await using collector = await collectorOf(yaml(), { plugins });
  const all: Observed[] = [];
  collector.collector.observe('attributes', LIMITS, (each) => all.push(each));
  await collector.in().send('logs', taggedRequest('logs', [1]));
  await collector.reload(yaml('second'));
  await collector.in().send('logs', taggedRequest('logs', [2]));
  const tag = taggedKey();
  expect(all.map(text)).toEqual([
    `processor attributes in logs/a both: ${tag} -> ${tag} first`,
    `processor attributes in logs/a both: ${tag} -> ${tag} second`,
  ]);
});

test('what is measured is known by labels, though no metrics are served', async () => {
  await using collector = await collectorOf(yaml(), { plugins });
  await collector.in().send('logs', taggedRequest('logs', [1, 2]));
  const of = (name: string, labels: object) =>
    collector.collector.series.filter((each) => {
      return each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value);
    });
  expect(of('otelcol_receiver_accepted_log_records', { receiver: 'test/in' })).toMatchObject([{ value: 2 }]);
  expect(of('otelcol_processor_outgoing_items', { processor: 'batch', pipeline: 'logs/a' })).toMatchObject([
    { value: 2 },
  ]);
  expect(of('millrace_grind_duration', { stage: 'test/in/logs' })).toMatchObject([{ count: 1 }]);
  expect(of('millrace_bytes_in_flight_max', {})).toHaveLength(1);
});

/** What tags records of the testkit. */
function taggedKey(): string {
  return keysOf({
    pipeline: '',
    signal: 'logs',
    chunks: [taggedRequest('logs', [1])],
    items: 1,
    itemsTotal: 1,
  })[0];
}
