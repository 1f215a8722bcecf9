import { jsonToProto, LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';
import { FakeStepTools } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import definition from './index.ts';
import { collectorWith, filtered, idsIn } from './testing/filter.ts';

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const item = (id: string, more: object = {}, ...attributes: object[]) => ({
  ...more,
  attributes: [text('id', id), ...attributes],
});
const shop = { attributes: [text('host.name', 'just_this_one'), text('service.name', 'shop')] };
const agent = { attributes: [text('host.name', 'prefix-7'), { key: 'n', value: { intValue: '1' } }] };

const LOGS = {
  resourceLogs: [
    {
      resource: shop,
      scopeLogs: [
        {
          logRecords: [item('a', { severityNumber: 5, severityText: 'DEBUG', body: { stringValue: 'GET /healthz' } })],
        },
        { logRecords: [item('b', { severityNumber: 9, severityText: 'INFO', body: { stringValue: 'GET /cart' } })] },
      ],
    },
    {
      resource: agent,
      scopeLogs: [
        {
          logRecords: [
            item('c', { severityNumber: 14 }, text('should_be', 'dropped')),
            item('d', {}, text('should_be', 'kept')),
          ],
        },
      ],
    },
  ],
};

const SPANS = {
  resourceSpans: [
    {
      resource: shop,
      scopeSpans: [{ spans: [item('a', { name: 'hello_world' }), item('b', { name: 'hello/world', kind: 2 })] }],
    },
    { resource: agent, scopeSpans: [{ scope: { name: 'lib', version: '1' }, spans: [item('c', { name: 'other' })] }] },
  ],
};

const gauge = (name: string, ...ids: string[]) => ({ name, gauge: { dataPoints: ids.map((id) => item(id)) } });
const METRICS = {
  resourceMetrics: [
    { resource: shop, scopeMetrics: [{ metrics: [gauge('hello_world', 'a', 'b'), gauge('prefix/cpu', 'c')] }] },
    {
      resource: agent,
      scopeMetrics: [{ metrics: [gauge('hello/world', 'd')] }, { metrics: [gauge('prefix_cpu', 'e')] }],
    },
  ],
};

const REQUESTS = { logs: LOGS, traces: SPANS, metrics: METRICS };
type Row = readonly [settings: string, kept: string];

const ROWS: Readonly<Record<keyof typeof REQUESTS, readonly Row[]>> = {
  logs: [
    ['{}', 'a b c d'],
    ['{ logs: { include: } }', 'a b c d'],
    ['{ logs: { include: { match_type: strict } } }', 'a b c d'],
    [
      '{ logs: { include: { match_type: strict, resource_attributes: [{ key: host.name, value: just_this_one }] } } }',
      'a b',
    ],
    [
      '{ logs: { include: { match_type: regexp, resource_attributes: [{ key: host.name, value: "prefix.*" }] } } }',
      'c d',
    ],
    ['{ logs: { exclude: { match_type: strict, record_attributes: [{ key: should_be, value: dropped }] } } }', 'a b d'],
    ['{ logs: { include: { match_type: regexp, record_attributes: [{ key: should_be, value: "^d|^k" }] } } }', 'c d'],
    ['{ logs: { include: { match_type: strict, severity_texts: [INFO, WARN] } } }', 'b'],
    ['{ logs: { exclude: { match_type: regexp, severity_texts: ["^DEB", "^$"] } } }', 'b'],
    ['{ logs: { include: { match_type: strict, bodies: [GET /cart] } } }', 'b'],
    ['{ logs: { exclude: { match_type: regexp, bodies: ["^GET"] } } }', 'c d'],
    ['{ logs: { include: { severity_number: { min: INFO } } } }', 'b c'],
    ['{ logs: { include: { severity_number: { min: info2 } } } }', 'c'],
    ['{ logs: { include: { severity_number: { min: "14" } } } }', 'c'],
    ['{ logs: { include: { severity_number: { min: WARN3, match_undefined: true } } } }', 'd'],
    ['{ logs: { include: { severity_number: {} } } }', 'a b c'],
    ['{ logs: { exclude: { severity_number: { match_undefined: true } } } }', ''],
    [
      '{ logs: { include: { match_type: regexp, bodies: [GET] }, exclude: { match_type: strict, severity_texts: [DEBUG] } } }',
      'b',
    ],
    ['{ spans: { exclude: { match_type: strict, services: [shop] } } }', 'a b c d'],
  ],
  traces: [
    ['{ spans: { include: { match_type: strict, services: [shop] } } }', 'a b'],
    ['{ spans: { exclude: { match_type: strict, span_names: [hello_world, hello/world] } } }', 'c'],
    ['{ spans: { exclude: { match_type: regexp, span_names: ["^hello"], services: [agent] } } }', 'a b c'],
    ['{ spans: { include: { match_type: strict, span_kinds: [SPAN_KIND_SERVER] } } }', 'b'],
    ['{ spans: { include: { match_type: strict, libraries: [{ name: lib, version: "1" }] } } }', 'c'],
    ['{ spans: { exclude: { match_type: strict, attributes: [{ key: id, value: c }] } } }', 'a b'],
    ['{ spans: { exclude: { match_type: regexp, resources: [{ key: host.name, value: . }] } } }', ''],
  ],
  metrics: [
    ['{ metrics: { include: { match_type: regexp, metric_names: ["prefix/.*", "prefix_.*"] } } }', 'c e'],
    ['{ metrics: { exclude: { match_type: strict, metric_names: [hello_world, hello/world] } } }', 'c e'],
    ['{ metrics: { include: { match_type: strict, resource_attributes: [{ key: n, value: 1 }] } } }', 'd e'],
    [
      '{ metrics: { include: { match_type: strict, metric_names: [hello_world], resource_attributes: [{ key: n }] } } }',
      '',
    ],
    // As in the Collector, each of the two is enough to be dropped.
    [
      '{ metrics: { exclude: { match_type: strict, metric_names: [prefix_cpu, hello_world], resource_attributes: [{ key: service.name }] } } }',
      'd',
    ],
  ],
};

describe.each(['logs', 'traces', 'metrics'] as const)('of %s', (signal) => {
  test.each(ROWS[signal])('%s keeps %s', async (settings, kept) => {
    expect(idsIn(await filtered(settings, signal, REQUESTS[signal]))).toBe(kept);
  });
});

test('resources and scopes without items disappear, even ones that came so', async () => {
  const empty = {
    resourceLogs: [
      { resource: agent },
      { resource: agent, scopeLogs: [{ scope: { name: 'x' } }] },
      ...LOGS.resourceLogs,
    ],
  };
  const settings = '{ logs: { exclude: { match_type: strict, bodies: [GET /healthz] } } }';
  const left = (await filtered(settings, 'logs', empty)) as { resourceLogs: { scopeLogs: unknown[] }[] };
  expect(left.resourceLogs.map(({ scopeLogs }) => scopeLogs.length)).toEqual([1, 1]);
  const untouched = (await filtered('{}', 'logs', empty)) as { resourceLogs: unknown[] };
  expect(untouched.resourceLogs).toHaveLength(4);
});

test('nothing is sent on when nothing is left', async () => {
  const settings = '{ logs: { exclude: { severity_number: { match_undefined: true } } } }';
  await using collector = await collectorWith(settings);
  await collector.in().send('logs', jsonToProto('logs', JSON.stringify(LOGS)));
  expect(collector.out().calls).toBe(0);
});

test('counts what it drops under the names of the Collector', () => {
  const tools = new FakeStepTools('filter');
  const none = { match_type: 'strict' as const };
  const transform = definition.create!(
    {
      error_mode: 'ignore',
      logs: {
        include: { ...none, resource_attributes: [], record_attributes: [], severity_texts: [], bodies: ['GET /cart'] },
      },
      spans: {},
      traces: {},
      metrics: { exclude: { ...none, metric_names: ['hello_world'], expressions: [], resource_attributes: [] } },
      profiles: {},
    },
    tools,
  );
  transform.logs?.(LogsBatch.of([jsonToProto('logs', JSON.stringify(LOGS))]));
  transform.traces?.(TracesBatch.of([jsonToProto('traces', JSON.stringify(SPANS))]));
  transform.metrics?.(MetricsBatch.of([jsonToProto('metrics', JSON.stringify(METRICS))]));
  expect(Object.fromEntries(tools.counts)).toEqual({
    'processor_filter_logs.filtered': 3,
    'processor_filter_datapoints.filtered': 2,
  });
});
