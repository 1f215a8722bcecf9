import { jsonToProto, LogsBatch, MetricsBatch, ProfilesBatch, TracesBatch } from '@millrace/otlp';
import { FakeStepTools } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import definition from './index.ts';
import type { FilterSettings } from './filter-settings.ts';
import { collectorWith, filtered, idsIn } from './testing/filter.ts';

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const item = (id: string, more: object = {}, ...attributes: object[]) => ({
  ...more,
  attributes: [text('id', id), ...attributes],
});
const shop = { attributes: [text('host.name', 'localhost'), text('service.name', 'shop')] };
const agent = { attributes: [text('host.name', 'far')] };

const lib = { name: 'lib', version: '2' };

const LOGS = {
  resourceLogs: [
    {
      resource: shop,
      scopeLogs: [
        {
          logRecords: [
            item('a', { severityNumber: 5, body: { stringValue: 'GET /healthz' } }),
            item('b', { severityNumber: 17, body: { stringValue: 'wrong password' } }),
          ],
        },
      ],
    },
    { resource: agent, scopeLogs: [{ scope: lib, logRecords: [item('c', { severityNumber: 17 }, text('k', 'v'))] }] },
  ],
};

const SPANS = {
  resourceSpans: [
    {
      resource: shop,
      scopeSpans: [
        {
          spans: [
            item('a', { name: 'app_3', events: [item('a1', { name: 'x' })] }),
            item('b', { events: [item('b1', { name: 'a.grpc.call' }), item('b2', { name: 'y' })] }),
          ],
        },
      ],
    },
    {
      resource: agent,
      scopeSpans: [{ scope: lib, spans: [item('c', { events: [item('c1', { name: 'grpc' }, text('last', 'yes'))] })] }],
    },
  ],
};

const METRICS = {
  resourceMetrics: [
    {
      resource: shop,
      scopeMetrics: [
        {
          metrics: [
            { name: 'my.metric', gauge: { dataPoints: [item('a'), item('b', {}, text('http.method', 'GET'))] } },
            { name: 'hist', histogram: { dataPoints: [item('c')], aggregationTemporality: 2 } },
          ],
        },
      ],
    },
    {
      resource: agent,
      scopeMetrics: [{ scope: lib, metrics: [{ name: 'sum', sum: { dataPoints: [item('d'), item('e')] } }] }],
    },
  ],
};

const REQUESTS = { logs: LOGS, traces: SPANS, metrics: METRICS };
type Row = readonly [settings: object, kept: string];

const ROWS: Readonly<Record<keyof typeof REQUESTS, readonly Row[]>> = {
  logs: [
    [{ logs: { log_record: [] } }, 'a b c'],
    [{ logs: { log_record: ['IsMatch(body, ".*password.*")'] } }, 'a c'],
    [{ logs: { log_record: ['severity_number < SEVERITY_NUMBER_WARN'] } }, 'b c'],
    [{ logs: { log_record: ['log.attributes["k"] == "v"', 'body == "GET /healthz"'] } }, 'b'],
    [{ logs: { log_record: ['attributes["k"] == nil and severity_number > 9'] } }, 'a c'],
    [{ logs: { resource: ['attributes["host.name"] == "localhost"'] } }, 'c'],
    [{ logs: { resource: ['attributes["host.name"] == "far"'], log_record: ['severity_number == 5'] } }, 'b'],
    [{ log_conditions: ['log.severity_number == 5', 'log.attributes["k"] != nil'] }, 'b'],
    [{ log_conditions: ['resource.attributes["service.name"] != nil'] }, 'c'],
    [
      {
        log_conditions: [
          { conditions: ['log.severity_number == 5'] },
          { context: 'resource', conditions: ['attributes["service.name"] == nil'] },
        ],
      },
      'b',
    ],
    [{ log_conditions: [{ context: 'scope', conditions: ['name == "lib"'] }] }, 'a b'],
    [{ log_conditions: ['log.severity_number == 5', 'scope.version == "2"'] }, 'b'],
    [{ logs: { log_record: ['true'] } }, ''],
    [{ traces: { span: ['true'] }, metric_conditions: ['metric.name != nil'] }, 'a b c'],
  ],
  traces: [
    [{ traces: { span: ['resource.attributes["host.name"] == "localhost"'] } }, 'c c1'],
    [{ traces: { span: ['name == "app_3"'] } }, 'b b1 b2 c c1'],
    [{ traces: { spanevent: ['IsMatch(name, ".*grpc.*")'] } }, 'a a1 b b2 c'],
    [{ traces: { spanevent: ['event_index == 0', 'span.name == "app_3"'] } }, 'a b b2 c'],
    [{ traces: { span: ['name == "app_3"'], spanevent: ['attributes["last"] == "yes"'] } }, 'b b1 b2 c'],
    [{ traces: { resource: ['attributes["service.name"] == nil'] } }, 'a a1 b b1 b2'],
    [{ trace_conditions: ['spanevent.name == "y"', 'span.name == "app_3"'] }, 'b b1 c c1'],
    [{ trace_conditions: ['span.name == "app_3"', 'resource.attributes["host.name"] == "far"'] }, 'b b1 b2'],
    [{ trace_conditions: ['scope.name == "lib"', 'spanevent.name == "x"'] }, 'a b b1 b2'],
    [{ trace_conditions: [{ context: 'scope', conditions: ['version == "2"', 'name == "none"'] }] }, 'a a1 b b1 b2'],
    [
      { trace_conditions: [{ conditions: ['span.name == "app_3"'] }, { conditions: ['spanevent.name == "y"'] }] },
      'b b1 c c1',
    ],
  ],
  metrics: [
    [{ metrics: { metric: ['name == "my.metric" and resource.attributes["host.name"] == "localhost"'] } }, 'c d e'],
    [{ metrics: { metric: ['type == METRIC_DATA_TYPE_HISTOGRAM'] } }, 'a b d e'],
    [{ metrics: { metric: ['HasAttrKeyOnDatapoint("http.method")'] } }, 'c d e'],
    [{ metrics: { metric: ['HasAttrOnDatapoint("http.method", "PUT")'] } }, 'a b c d e'],
    [{ metrics: { metric: ['HasAttrOnDatapoint("http.method", "GET") and name == "my.metric"'] } }, 'c d e'],
    [{ metrics: { datapoint: ['metric.type == METRIC_DATA_TYPE_SUM', 'attributes["id"] == "a"'] } }, 'b c'],
    [{ metrics: { datapoint: ['resource.attributes["service.name"] == "shop"'] } }, 'd e'],
    [{ metrics: { metric: ['name == "hist"'], datapoint: ['attributes["id"] == "e"'] } }, 'a b d'],
    [{ metrics: { resource: ['attributes["host.name"] == "far"'] } }, 'a b c'],
    [{ metric_conditions: ['datapoint.attributes["id"] == "d"', 'metric.name == "hist"'] }, 'a b e'],
    [{ metric_conditions: ['scope.name == "lib"', 'datapoint.attributes["id"] == "a"'] }, 'b c'],
    // The later group sees what the earlier one has left.
    [
      {
        metric_conditions: [
          { conditions: ['datapoint.attributes["http.method"] == "GET"'] },
          { context: 'metric', conditions: ['HasAttrKeyOnDatapoint("http.method")', 'name == "hist"'] },
        ],
      },
      'a d e',
    ],
  ],
};

describe.each(['logs', 'traces', 'metrics'] as const)('conditions on %s', (signal) => {
  test.each(ROWS[signal])('%j keep %s', async (settings, kept) => {
    expect(idsIn(await filtered(JSON.stringify(settings), signal, REQUESTS[signal]))).toBe(kept);
  });
});

test('a metric that loses all points goes, a span that loses all events stays', async () => {
  const left = await filtered(
    JSON.stringify({ metrics: { datapoint: ['metric.name == "hist"'] } }),
    'metrics',
    METRICS,
  );
  expect(JSON.stringify(left)).not.toContain('hist');
  const spans = await filtered(JSON.stringify({ traces: { spanevent: ['true'] } }), 'traces', SPANS);
  expect(idsIn(spans)).toBe('a b c');
});

/** What arrives, and what the sender is told. */
async function outcome(settings: object) {
  await using collector = await collectorWith(JSON.stringify(settings));
  const sent = collector.in().send('logs', jsonToProto('logs', JSON.stringify(LOGS)));
  const refusal = await sent.then(
    () => undefined,
    (error: unknown) => error,
  );
  const warnings = collector.logger.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields);
  return { refusal, items: collector.out().items, warnings };
}

describe('a condition that fails', () => {
  const logs = { log_record: ['Substring(body, 0, 30) == "x"', 'severity_number == 5'] };

  test.each([{}, { error_mode: 'ignore' }])('counts as false and is told once: %j', async (mode) => {
    const { refusal, items, warnings } = await outcome({ ...mode, logs });
    expect({ refusal, items }).toEqual({ refusal: undefined, items: 2 });
    expect(warnings).toEqual([expect.objectContaining({ source: logs.log_record[0], failures: 3 })]);
  });

  test('is not told in the mode silent', async () => {
    expect(await outcome({ error_mode: 'silent', logs })).toEqual({ refusal: undefined, items: 2, warnings: [] });
  });

  test('refuses in the mode propagate, which a group may have for itself', async () => {
    const refused = { refusal: { code: 'OTTL_FAILED', retryable: false }, items: 0 };
    expect(await outcome({ error_mode: 'propagate', logs })).toMatchObject(refused);
    const group = { context: 'log', error_mode: 'propagate', conditions: logs.log_record };
    expect(await outcome({ log_conditions: [group] })).toMatchObject(refused);
  });
});

test('where no condition holds, the bytes are the very same', async () => {
  const nowhere = 'attributes["no.such"] == 1';
  const settings = JSON.stringify({
    logs: { resource: [nowhere], log_record: [nowhere] },
    traces: { resource: [nowhere], span: [nowhere], spanevent: [nowhere] },
    metrics: { resource: [nowhere], metric: ['HasAttrKeyOnDatapoint("no.such")'], datapoint: [nowhere] },
  });
  await using collector = await collectorWith(settings);
  for (const signal of ['logs', 'traces', 'metrics'] as const) {
    const bytes = jsonToProto(signal, JSON.stringify(REQUESTS[signal]));
    await collector.in().send(signal, bytes);
    expect(Buffer.from(collector.out().accepted.at(-1)!.bytes).equals(bytes)).toBe(true);
  }
});

test('counts what it drops under the names of the Collector', () => {
  const tools = new FakeStepTools('filter');
  const settings: FilterSettings = {
    error_mode: 'ignore',
    logs: { log_record: ['severity_number == 5'] },
    spans: {},
    traces: { spanevent: ['true'], span: ['name == "app_3"'] },
    metrics: { datapoint: ['metric.name == "my.metric"'] },
    profiles: {},
  };
  const transform = definition.create!(settings, tools);
  transform.logs?.(LogsBatch.of([jsonToProto('logs', JSON.stringify(LOGS))]));
  transform.traces?.(TracesBatch.of([jsonToProto('traces', JSON.stringify(SPANS))]));
  transform.metrics?.(MetricsBatch.of([jsonToProto('metrics', JSON.stringify(METRICS))]));
  expect(Object.fromEntries(tools.counts)).toEqual({
    'processor_filter_logs.filtered': 1,
    'processor_filter_spans.filtered': 1,
    'processor_filter_datapoints.filtered': 2,
  });
});

describe('profiles', () => {
  const profile = (durationNano: string, ...attributeIndices: number[]) => ({
    durationNano,
    attributeIndices,
    samples: [{ values: [durationNano] }],
  });
  const request = {
    resourceProfiles: [
      { resource: shop, scopeProfiles: [{ scope: lib, profiles: [profile('1', 1), profile('2')] }] },
      { resource: agent, scopeProfiles: [{ profiles: [profile('3', 1)] }] },
    ],
    dictionary: {
      stringTable: ['', 'thread'],
      attributeTable: [{}, { keyStrindex: 1, value: { stringValue: 'main' } }],
    },
  };

  test.each([
    [{ profiles: { profile: ['attributes["thread"] == "main"'] } }, '2'],
    [{ profiles: { resource: ['attributes["service.name"] == "shop"'] } }, '3'],
    [{ profiles: { resource: ['false'], profile: ['duration > 1'] } }, '1'],
    [{ profile_conditions: ['profile.duration == 1', 'scope.name == "lib"'] }, '3'],
    [{ profile_conditions: [{ context: 'profile', conditions: ['duration >= 2'] }] }, '1'],
    [{ profiles: { profile: ['true'] } }, ''],
    [{}, '1 2 3'],
  ])('%j leaves %s', async (settings, left) => {
    const json = JSON.stringify((await filtered(JSON.stringify(settings), 'profiles', request)) ?? null);
    expect([...json.matchAll(/"durationNano":"(\d)"/g)].map(([, nano]) => nano).join(' ')).toBe(left);
  });

  test('are counted by their samples, as in the Collector', () => {
    const tools = new FakeStepTools('filter');
    const settings: FilterSettings = {
      error_mode: 'ignore',
      logs: {},
      spans: {},
      traces: {},
      metrics: {},
      profiles: { profile: ['duration > 1'] },
    };
    const batch = ProfilesBatch.of([jsonToProto('profiles', JSON.stringify(request))]);
    definition.create!(settings, tools).profiles?.(batch);
    expect(Object.fromEntries(tools.counts)).toEqual({ 'processor_filter_profiles.filtered': 2 });
  });
});
