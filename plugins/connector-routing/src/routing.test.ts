import { jsonToProto, LogsBatch, protoToJson } from '@millrace/otlp';
import { collectorOf, FakeStepTools, type TestCollector } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import definition from './index.ts';
import type { RoutedSignal, RouteSettings, RoutingSettings } from './routing-settings.ts';

const PLUGIN = new URL('./index.ts', import.meta.url);
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const item = (id: string, more: object = {}, ...attributes: object[]) => ({
  ...more,
  attributes: [text('id', id), ...attributes],
});
const shop = { attributes: [text('service.name', 'shop'), text('tenant', 'acme')] };
const agent = { attributes: [text('service.name', 'agent')] };

const REQUESTS: Readonly<Record<RoutedSignal, object>> = {
  logs: {
    resourceLogs: [
      {
        resource: shop,
        scopeLogs: [
          { scope: { name: 'one' }, logRecords: [item('a', { severityNumber: 5 }), item('b', { severityNumber: 17 })] },
          { scope: { name: 'two' }, logRecords: [item('c', { severityNumber: 9 })] },
          { scope: { name: 'empty' } },
        ],
      },
      { resource: agent, scopeLogs: [{ logRecords: [item('d', { severityNumber: 17 }, text('k', 'v'))] }] },
      { resource: { attributes: [text('service.name', 'empty')] } },
    ],
  },
  traces: {
    resourceSpans: [
      { resource: shop, scopeSpans: [{ spans: [item('a', { kind: 2 }), item('b', { kind: 3 })] }] },
      { resource: agent, scopeSpans: [{ spans: [item('c', { kind: 2 })] }] },
    ],
  },
  metrics: {
    resourceMetrics: [
      {
        resource: shop,
        scopeMetrics: [
          {
            metrics: [
              { name: 'gauge', gauge: { dataPoints: [item('a'), item('b', {}, text('k', 'v'))] } },
              { name: 'hist', histogram: { dataPoints: [item('c', {}, text('k', 'v'))], aggregationTemporality: 2 } },
              { name: 'pointless', gauge: {} },
            ],
          },
        ],
      },
      { resource: agent, scopeMetrics: [{ metrics: [{ name: 'sum', sum: { dataPoints: [item('d'), item('e')] } }] }] },
    ],
  },
};

/** Pipelines `<signal>/x`, `/y` and `/rest` behind a routing connector, each with an exporter of that name. */
async function collectorWith(settings: object, signals: readonly RoutedSignal[]): Promise<TestCollector> {
  const pipelines = signals.flatMap((signal) => [
    `    ${signal}/in: { receivers: [test/in], exporters: [routing] }`,
    ...['x', 'y', 'rest'].map((name) => `    ${signal}/${name}: { receivers: [routing], exporters: [test/${name}] }`),
  ]);
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/x: , test/y: , test/rest: }',
    `connectors: { routing: ${JSON.stringify(settings)} }`,
    'service:',
    '  pipelines:',
    ...pipelines,
  ].join('\n');
  return collectorOf(yaml, { plugins: [PLUGIN], metrics: true });
}

/** What comes out at an exporter, as OTLP/JSON. */
function outputOf(collector: TestCollector, name: string): unknown[] {
  return collector
    .out(`test/${name}`)
    .accepted.map(({ signal, bytes }) => JSON.parse(Buffer.from(protoToJson(signal, bytes)).toString()));
}

/** The values of `id` attributes at each exporter: `x:a b y:c`. */
async function routed(settings: object, signal: RoutedSignal): Promise<string> {
  await using collector = await collectorWith(settings, [signal]);
  await collector.in().send(signal, jsonToProto(signal, JSON.stringify(REQUESTS[signal])));
  return ['x', 'y', 'rest']
    .map((name) => {
      const found = JSON.stringify(outputOf(collector, name)).matchAll(/"id","value":\{"stringValue":"(\w+)"/g);
      return `${name}:${[...found].map(([, id]) => id).join(' ')}`;
    })
    .join(' ');
}

type TestRoute = Partial<Omit<RouteSettings, 'pipelines'>> & { readonly to: 'x' | 'y' };
type Row = readonly [table: readonly TestRoute[], expected: string];

const ROWS: Readonly<Record<RoutedSignal, readonly Row[]>> = {
  logs: [
    // Without a context, and without one in the paths, it is the resource.
    [[{ to: 'x', condition: 'attributes["service.name"] == "shop"' }], 'x:a b c y: rest:d'],
    [[{ to: 'x', condition: 'resource.attributes["service.name"] == "shop"' }], 'x:a b c y: rest:d'],
    [[{ to: 'x', statement: 'route() where attributes["service.name"] == "agent"' }], 'x:d y: rest:a b c'],
    [[{ to: 'x', condition: 'log.severity_number >= 17' }], 'x:b d y: rest:a c'],
    [[{ to: 'x', context: 'log', condition: 'severity_number >= SEVERITY_NUMBER_ERROR' }], 'x:b d y: rest:a c'],
    [[{ to: 'x', context: 'log', statement: 'route() where severity_number == 9' }], 'x:c y: rest:a b d'],
    // The first that matches gets it.
    [
      [
        { to: 'x', context: 'log', condition: 'severity_number < 10' },
        { to: 'y', condition: 'attributes["service.name"] == "shop"' },
      ],
      'x:a c y:b rest:d',
    ],
    [
      [
        { to: 'y', condition: 'attributes["service.name"] == "shop"' },
        { to: 'x', context: 'log', condition: 'severity_number < 10' },
      ],
      'x: y:a b c rest:d',
    ],
    // Copies go on.
    [
      [
        { to: 'x', action: 'copy', context: 'log', condition: 'severity_number < 10' },
        { to: 'y', condition: 'attributes["service.name"] == "shop"' },
      ],
      'x:a c y:a b c rest:d',
    ],
    [[{ to: 'x', action: 'copy', condition: 'true' }], 'x:a b c d y: rest:a b c d'],
    [[{ to: 'x', action: 'move', condition: 'true' }], 'x:a b c d y: rest:'],
    // One with the same condition as an earlier one is ignored.
    [
      [
        { to: 'x', action: 'copy', condition: 'attributes["service.name"] == "agent"' },
        { to: 'y', condition: 'attributes["service.name"] == "agent"' },
      ],
      'x:d y: rest:a b c d',
    ],
    // An error counts as no match.
    [[{ to: 'x', context: 'log', condition: 'Substring(attributes["k"], 0, 1) == "v"' }], 'x:d y: rest:a b c'],
  ],
  traces: [
    [[{ to: 'x', condition: 'span.kind == SPAN_KIND_SERVER' }], 'x:a c y: rest:b'],
    [
      [
        { to: 'x', condition: 'attributes["tenant"] == "acme"' },
        { to: 'y', context: 'span', condition: 'kind == 2' },
      ],
      'x:a b y:c rest:',
    ],
  ],
  metrics: [
    [[{ to: 'x', condition: 'metric.type == METRIC_DATA_TYPE_HISTOGRAM' }], 'x:c y: rest:a b d e'],
    [[{ to: 'x', context: 'datapoint', condition: 'attributes["k"] == "v"' }], 'x:b c y: rest:a d e'],
    [
      [
        { to: 'x', context: 'metric', condition: 'type == METRIC_DATA_TYPE_HISTOGRAM' },
        { to: 'y', context: 'datapoint', condition: 'attributes["k"] == "v"' },
      ],
      'x:c y:b rest:a d e',
    ],
    [
      [
        { to: 'x', context: 'datapoint', condition: 'attributes["k"] == "v"' },
        { to: 'y', condition: 'attributes["service.name"] == "shop"' },
      ],
      'x:b c y:a rest:d e',
    ],
  ],
};

const settingsOf = (
  signal: RoutedSignal,
  table: readonly TestRoute[],
  more: object = { default_pipelines: [`${signal}/rest`] },
) => ({
  ...more,
  table: table.map(({ to, ...route }) => ({ ...route, pipelines: [`${signal}/${to}`] })),
});

describe.each(Object.keys(ROWS) as RoutedSignal[])('%s go', (signal) => {
  test.each(ROWS[signal].map(([table, expected]) => ({ table, expected })))('$expected by $table', async (row) => {
    expect(await routed(settingsOf(signal, row.table), signal)).toBe(row.expected);
  });
});

test('parts keep their resource and scope, and what is empty is left out of them', async () => {
  const table: TestRoute[] = [{ to: 'x', context: 'log', condition: 'severity_number == 9' }];
  await using collector = await collectorWith(settingsOf('logs', table), ['logs']);
  await collector.in().send('logs', jsonToProto('logs', JSON.stringify(REQUESTS.logs)));
  expect(outputOf(collector, 'x')).toMatchObject([
    {
      resourceLogs: [{ resource: shop, scopeLogs: [{ scope: { name: 'two' }, logRecords: [{ severityNumber: 9 }] }] }],
    },
  ]);
  const [{ resourceLogs }] = outputOf(collector, 'rest') as [{ resourceLogs: { scopeLogs: object[] }[] }];
  expect(resourceLogs.map(({ scopeLogs }) => scopeLogs.length)).toEqual([1, 1]);
});

test('a metric without data points goes by its own conditions, else to the default', async () => {
  const table: TestRoute[] = [{ to: 'x', context: 'datapoint', condition: 'true' }];
  await using collector = await collectorWith(settingsOf('metrics', table), ['metrics']);
  await collector.in().send('metrics', jsonToProto('metrics', JSON.stringify(REQUESTS.metrics)));
  expect(JSON.stringify(outputOf(collector, 'x'))).not.toContain('pointless');
});

test('a statement that deletes does so on its own way only', async () => {
  const statement = 'delete_key(attributes, "tenant") where attributes["tenant"] == "acme"';
  await using collector = await collectorWith(settingsOf('logs', [{ to: 'x', statement }]), ['logs']);
  await collector.in().send('logs', jsonToProto('logs', JSON.stringify(REQUESTS.logs)));
  const [moved] = outputOf(collector, 'x') as [{ resourceLogs: unknown[] }];
  expect(moved.resourceLogs).toMatchObject([{ resource: { attributes: [text('service.name', 'shop')] } }]);
  expect(JSON.stringify(moved)).not.toContain('tenant');
});

test('several pipelines get the same', async () => {
  const settings = { table: [{ condition: 'true', pipelines: ['logs/x', 'logs/y'] }] };
  expect(await routed(settings, 'logs')).toBe('x:a b c d y:a b c d rest:');
});

test('one connector routes several signals', async () => {
  const condition = 'attributes["service.name"] == "agent"';
  const settings = {
    default_pipelines: ['logs/rest', 'traces/rest'],
    table: [{ condition, pipelines: ['logs/x', 'traces/y'] }],
  };
  await using collector = await collectorWith(settings, ['logs', 'traces']);
  await collector.in().send('logs', jsonToProto('logs', JSON.stringify(REQUESTS.logs)));
  await collector.in().send('traces', jsonToProto('traces', JSON.stringify(REQUESTS.traces)));
  expect(['x', 'y', 'rest'].map((name) => collector.out(`test/${name}`).items)).toEqual([1, 1, 5]);
});

test('without default pipelines, what matches nothing is dropped and counted', async () => {
  const table: TestRoute[] = [{ to: 'x', context: 'log', condition: 'severity_number == 9' }];
  await using collector = await collectorWith(settingsOf('logs', table, {}), ['logs']);
  await collector.in().send('logs', jsonToProto('logs', JSON.stringify(REQUESTS.logs)));
  expect(collector.out('test/rest').items).toBe(0);
  const metrics = [...(await collector.metrics())].filter(([name]) => name.includes('routing_dropped_items'));
  expect(metrics.map(([, value]) => value)).toEqual([3]);
});

test('an error refuses the payload with error_mode propagate', async () => {
  const table: TestRoute[] = [{ to: 'x', context: 'log', condition: 'Substring(attributes["k"], 0, 1) == "v"' }];
  const settings = settingsOf('logs', table, { error_mode: 'propagate', default_pipelines: ['logs/rest'] });
  await using collector = await collectorWith(settings, ['logs']);
  const sent = collector.in().send('logs', jsonToProto('logs', JSON.stringify(REQUESTS.logs)));
  await expect(sent).rejects.toMatchObject({ retryable: false, failedItems: 3 });
  expect(collector.out('test/x').items).toBe(1);
});

test('pipelines that do not receive from it end the start', async () => {
  const settings = { table: [{ condition: 'true', pipelines: ['logs/x', 'logs/ret'] }] };
  await expect(collectorWith(settings, ['logs'])).rejects.toThrow(
    /connector "routing" .*names the pipeline "logs\/ret", which does not receive from it/,
  );
});

test('data of two senders that comes together goes two ways', async () => {
  const table = [{ context: 'request', condition: 'request["x-tenant"] == "acme"', pipelines: ['logs/x'] }];
  await using collector = await collectorWith({ table, default_pipelines: ['logs/rest'] }, ['logs']);
  const request = jsonToProto('logs', JSON.stringify(REQUESTS.logs));
  const from = (tenant: string) => ({ metadata: { 'x-tenant': [tenant] } });
  await Promise.all(['acme', 'other', 'acme'].map((tenant) => collector.in().send('logs', request, from(tenant))));
  expect([collector.out('test/x').items, collector.out('test/rest').items]).toEqual([8, 4]);
});

test.each([
  ['request["X-Tenant"] == "acme"', ['acme'], true],
  ['request["X-Tenant"] == "acme"', ['other', 'acme'], true],
  ['request["x-tenant"] == "acme"', ['other'], false],
  ['request["x-tenant"] != "acme"', ['other'], true],
  ['request["x-tenant"] != "acme"', [], false],
])('%s for a sender with %o: %s', (condition, tenants, matches) => {
  const tools = new FakeStepTools();
  tools.sender = { metadata: { 'x-tenant': tenants } };
  const table: RouteSettings[] = [{ context: 'request', condition, action: 'move', pipelines: ['logs/x'] }];
  const emitted: unknown[] = [];
  const out = { pipelines: ['logs/x', 'logs/y'], emit: (_: unknown, to: unknown) => emitted.push(to) };
  const junction = definition.create?.({ default_pipelines: ['logs/y'], error_mode: 'ignore', table }, tools);
  junction?.logs?.(LogsBatch.of([jsonToProto('logs', JSON.stringify(REQUESTS.logs))]), out);
  expect(emitted).toEqual([[matches ? 'logs/x' : 'logs/y']]);
});

test('what goes one way as a whole keeps its bytes', () => {
  const bytes = jsonToProto('logs', JSON.stringify(REQUESTS.logs));
  const emitted: unknown[] = [];
  const table: RouteSettings[] = [{ condition: 'true', action: 'move', pipelines: ['logs/x'] }];
  const settings: RoutingSettings = { default_pipelines: [], error_mode: 'ignore', table };
  const out = {
    pipelines: ['logs/x'],
    emit: (batch: { chunks: readonly Uint8Array[] }) => emitted.push(batch.chunks[0]),
  };
  definition.create?.(settings, new FakeStepTools()).logs?.(LogsBatch.of([bytes]), out);
  expect(emitted[0]).toBe(bytes);
});
