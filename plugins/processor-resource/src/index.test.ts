import {
  jsonToProto,
  type AnyValue,
  type AttributesView,
  LogsBatch,
  MetricsBatch,
  ProfilesBatch,
  TracesBatch,
} from '@millrace/otlp';
import { collectorOf, describeConformance } from '@millrace/testkit';
import { expect, test } from 'vitest';

const module = new URL('./index.ts', import.meta.url);

describeConformance(module, {
  untouched: [
    'resource/nothing: { attributes: [{ key: no.such, action: delete }, { key: no.such, value: 1, action: update }] }',
    'resource/patterns: { attributes: [{ pattern: "^no\\\\.such", action: delete }, { pattern: "^no\\\\.such", action: hash }] }',
  ],
});

async function collectorWith(settings: string) {
  const pipeline = '{ receivers: [test/in], processors: [resource], exporters: [test/out] }';
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `processors: { resource: ${settings} }`,
    `service: { pipelines: { logs: ${pipeline}, traces: ${pipeline}, metrics: ${pipeline}, profiles: ${pipeline} } }`,
  ].join('\n');
  return collectorOf(yaml, { plugins: [module] });
}

const RESOURCES = [
  {
    resource: {
      attributes: [
        { key: 'k8s-cluster', value: { stringValue: 'eu' } },
        { key: 'n', value: { doubleValue: 1 } },
      ],
    },
  },
  { resource: {} },
  {},
];
const REQUESTS = {
  logs: {
    resourceLogs: RESOURCES.map((each) => ({
      ...each,
      scopeLogs: [{ logRecords: [{ attributes: [{ key: 'n', value: { intValue: '1' } }] }] }],
    })),
  },
  traces: { resourceSpans: RESOURCES.map((each) => ({ ...each, scopeSpans: [{ spans: [{ name: 'x' }] }] })) },
  metrics: {
    resourceMetrics: RESOURCES.map((each) => ({
      ...each,
      scopeMetrics: [{ metrics: [{ name: 'x', gauge: { dataPoints: [{ asInt: '1' }] } }] }],
    })),
  },
  profiles: {
    resourceProfiles: RESOURCES.map((each) => ({ ...each, scopeProfiles: [{ profiles: [{ samples: [{}] }] }] })),
  },
};
const BATCHES = { logs: LogsBatch, traces: TracesBatch, metrics: MetricsBatch, profiles: ProfilesBatch };

async function resourcesAfter(settings: string, signal: keyof typeof REQUESTS): Promise<Record<string, AnyValue>[]> {
  await using collector = await collectorWith(settings);
  await collector.in().send(signal, jsonToProto(signal, JSON.stringify(REQUESTS[signal])));
  const batch = BATCHES[signal].of(collector.out().accepted.map(({ bytes }) => bytes));
  const resources: Iterable<{ readonly attributes: AttributesView }> = batch.resources;
  return Array.from(resources, ({ attributes }) => attributes.toObject());
}

test.each<[actions: string, after: Record<string, AnyValue>[]]>([
  [
    '{ key: env, value: staging, action: upsert }',
    [{ 'k8s-cluster': 'eu', n: 1, env: 'staging' }, { env: 'staging' }, { env: 'staging' }],
  ],
  [
    '{ key: k8s.cluster.name, from_attribute: k8s-cluster, action: insert }, { key: k8s-cluster, action: delete }',
    [{ n: 1, 'k8s.cluster.name': 'eu' }, {}, {}],
  ],
  ['{ key: n, converted_type: string, action: convert }, { pattern: k8s, action: delete }', [{ n: '1' }, {}, {}]],
])('changes resources of all signals: %s', async (actions, after) => {
  for (const signal of ['logs', 'traces', 'metrics', 'profiles'] as const) {
    expect(await resourcesAfter(`{ attributes: [${actions}] }`, signal)).toEqual(after);
  }
});

test('leaves the attributes of items alone', async () => {
  await using collector = await collectorWith('{ attributes: [{ key: n, action: delete }] }');
  await collector.in().send('logs', jsonToProto('logs', JSON.stringify(REQUESTS.logs)));
  const [record] = LogsBatch.of([collector.out().accepted[0].bytes]).records;
  expect(record.attributes.toObject()).toEqual({ n: 1 });
});

test.each([
  ['{}', 'attributes'],
  ['{ attributes: [] }', 'attributes'],
  ['{ attributes: [{ key: a, action: insert }] }', 'insert needs a value'],
])('refuses %s', async (settings, problem) => {
  await expect(collectorWith(settings)).rejects.toThrow(problem);
});
