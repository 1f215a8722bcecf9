import { describe, expect, test } from 'vitest';
import { jsonToProto } from '@millrace/otlp';
import {
  attributes,
  collectorWith,
  logs,
  metrics,
  spans,
  transformed,
  type TransformedSignal,
} from './testing/transform.ts';

const text = (stringValue: string) => ({ stringValue });
const record = (body: string, values: Parameters<typeof attributes>[0] = {}, more: object = {}) => ({
  body: text(body),
  ...(Object.keys(values).length > 0 ? { attributes: attributes(values) } : {}),
  ...more,
});
const span = (name: string, values: Parameters<typeof attributes>[0], more: object = {}) => ({
  name,
  attributes: attributes(values),
  ...more,
});
const point = (asInt: number, values: Parameters<typeof attributes>[0] = {}, more: object = {}) => ({
  ...(Object.keys(values).length > 0 ? { attributes: attributes(values) } : {}),
  asInt: String(asInt),
  ...more,
});
const sum = (name: string, ...dataPoints: object[]) => ({
  name,
  sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true },
});

/** OTLP/JSON shows these messages where they are empty, too. */
const NO_TYPES = { sampleType: {}, periodType: {} };
const profiles = (
  resource: object,
  name: string,
  profile: object,
  stringTable: readonly string[],
  attributeTable?: readonly object[],
) => ({
  resourceProfiles: [{ resource, scopeProfiles: [{ scope: { name }, profiles: [profile] }] }],
  dictionary: { stringTable, ...(attributeTable === undefined ? {} : { attributeTable }) },
});

type Row = readonly [name: string, settings: object, signal: TransformedSignal, given: object, expected: object];

/* The configurations are those of the Collector's documentation. */
const ROWS: readonly Row[] = [
  [
    'sets attributes of profiles and samples, which lie in the dictionary',
    {
      profile_statements: [
        { statements: ['set(profile.attributes["team"], resource.attributes["team"])'] },
        {
          context: 'profilesample',
          statements: ['set(attributes["team"], profile.attributes["team"])', 'set(values, [7])'],
        },
        { context: 'resource', statements: ['delete_key(attributes, "team")'] },
        'set(scope.name, "x")',
      ],
    },
    'profiles',
    profiles(
      { attributes: attributes({ team: 'a' }) },
      'lib',
      { profileId: 'ab'.repeat(16), samples: [{ values: ['5'] }] },
      [''],
    ),
    profiles(
      {},
      'x',
      {
        ...NO_TYPES,
        profileId: 'ab'.repeat(16),
        samples: [{ values: ['7'], attributeIndices: [1] }],
        attributeIndices: [1],
      },
      ['', 'team'],
      [{ value: {} }, { keyStrindex: 1, value: { stringValue: 'a' } }],
    ),
  ],
  [
    'runs statements without a group behind the groups, in a context of their own',
    {
      log_statements: [
        { context: 'resource', statements: ['set(attributes["a"], "1")'] },
        'set(log.attributes["b"], resource.attributes["a"])',
        'set(log.body, "x")',
      ],
    },
    'logs',
    logs({}, record('y')),
    logs({ a: '1' }, record('x', { b: '1' })),
  ],
  [
    'keeps keys, hides a password, limits and truncates',
    {
      trace_statements: [
        'keep_keys(span.attributes, ["service.name", "process.command_line"])',
        'replace_pattern(span.attributes["process.command_line"], "password\\\\=[^\\\\s]*(\\\\s?)", "password=***")',
        'limit(span.attributes, 100, [])',
        'truncate_all(span.attributes, 24)',
      ],
    },
    'traces',
    spans({}, span('a', { 'service.name': 'shop', secret: 'x', 'process.command_line': 'run password=abc and more' })),
    spans({}, span('a', { 'service.name': 'shop', 'process.command_line': 'run password=***and more' })),
  ],
  [
    'sets the severity, replaces in attributes, moves an attribute to the body',
    {
      log_statements: [
        'set(log.severity_text, "FAIL") where log.body == "request failed"',
        'replace_all_matches(log.attributes, "/user/*/list/*", "/user/{userId}/list/{listId}")',
        'replace_all_patterns(log.attributes, "value", "/account/\\\\d{4}", "/account/{accountId}")',
        'set(log.body, log.attributes["http.route"])',
      ],
    },
    'logs',
    logs({}, record('request failed', { path: '/user/7/list/9', 'http.route': '/account/1234' }), record('fine')),
    logs(
      {},
      record(
        '/account/{accountId}',
        { path: '/user/{userId}/list/{listId}', 'http.route': '/account/{accountId}' },
        { severityText: 'FAIL' },
      ),
      {},
    ),
  ],
  [
    'runs metric statements on metrics',
    {
      metric_statements: [
        'keep_keys(resource.attributes, ["host.name"])',
        'truncate_all(resource.attributes, 3)',
        'set(metric.description, "Sum") where metric.type == METRIC_DATA_TYPE_SUM',
      ],
    },
    'metrics',
    metrics({ 'host.name': 'host-7', other: 'x' }, sum('a', point(1)), {
      name: 'b',
      gauge: { dataPoints: [point(2)] },
    }),
    metrics(
      { 'host.name': 'hos' },
      { ...sum('a', point(1)), description: 'Sum' },
      {
        name: 'b',
        gauge: { dataPoints: [point(2)] },
      },
    ),
  ],
  [
    'infers data points where both they and their metric are named',
    { metric_statements: ['set(metric.description, "test passed") where datapoint.attributes["test"] == "pass"'] },
    'metrics',
    metrics({}, sum('a', point(1), point(2, { test: 'pass' })), sum('b', point(3))),
    metrics({}, { ...sum('a', point(1), point(2, { test: 'pass' })), description: 'test passed' }, sum('b', point(3))),
  ],
  [
    'runs a group where one of its conditions holds',
    {
      log_statements: [
        {
          conditions: ['log.attributes["a"] == 1', 'log.attributes["b"] == 1'],
          statements: ['set(log.body, "yes")', 'set(log.body, "both") where log.attributes["c"] == true'],
        },
      ],
    },
    'logs',
    logs({}, record('1', { a: 1 }), record('2', { b: 1, c: true }), record('3', { c: true })),
    logs({}, record('yes', { a: 1 }), record('both', { b: 1, c: true }), record('3', { c: true })),
  ],
  [
    'renames an attribute of the resource, by two statements and by a pattern',
    {
      trace_statements: [
        { statements: ['set(resource.attributes["namespace"], resource.attributes["k8s.namespace.name"])'] },
        { statements: ['delete_key(resource.attributes, "k8s.namespace.name")'] },
        { statements: ['replace_all_patterns(resource.attributes, "key", "k8s\\\\.pod\\\\.name", "pod")'] },
      ],
    },
    'traces',
    spans({ 'k8s.namespace.name': 'prod', 'k8s.pod.name': 'p1' }, span('a', { x: 1 })),
    spans({ pod: 'p1', namespace: 'prod' }, span('a', { x: 1 })),
  ],
  [
    'reads JSON through the cache, which each record has for itself',
    {
      log_statements: [
        {
          statements: [
            'merge_maps(log.cache, ParseJSON(log.body), "upsert") where IsMatch(log.body, "^\\\\{")',
            'set(log.attributes["attr1"], log.cache["attr1"])',
            'set(log.attributes["nested.attr3"], log.cache["nested"]["attr3"])',
          ],
        },
      ],
    },
    'logs',
    logs({}, record('{"attr1":"foo","nested":{"attr3":"example"}}'), record('plain')),
    logs(
      {},
      record('{"attr1":"foo","nested":{"attr3":"example"}}', { attr1: 'foo', 'nested.attr3': 'example' }),
      record('plain', { attr1: null, 'nested.attr3': null }),
    ),
  ],
  [
    'finds the severity in a body',
    {
      log_statements: [
        'set(log.severity_number, SEVERITY_NUMBER_INFO) where IsString(log.body) and IsMatch(log.body, "\\\\sINFO\\\\s")',
        'set(log.severity_number, SEVERITY_NUMBER_WARN) where IsString(log.body) and IsMatch(log.body, "\\\\sWARN\\\\s")',
      ],
    },
    'logs',
    logs({}, record('[2023-09-22] INFO [Something]: some log'), record('[2023-09-22] WARN x'), record('INFORMAL')),
    logs(
      {},
      record('[2023-09-22] INFO [Something]: some log', {}, { severityNumber: 9 }),
      record('[2023-09-22] WARN x', {}, { severityNumber: 13 }),
      record('INFORMAL'),
    ),
  ],
  [
    'copies attributes that match to another place',
    {
      trace_statements: [
        {
          statements: [
            'set(resource.cache["attrs"], resource.attributes)',
            'keep_matching_keys(resource.cache["attrs"], "pod_labels_.*")',
            'set(resource.attributes["count"], Len(resource.cache["attrs"]))',
          ],
        },
      ],
    },
    'traces',
    spans({ pod_labels_a: '1', pod_labels_b: '2', other: '3' }, span('a', { x: 1 })),
    {
      resourceSpans: [
        {
          resource: {
            attributes: [
              ...attributes({ pod_labels_a: '1', pod_labels_b: '2', other: '3' }),
              ...attributes({ count: 2 }),
            ],
          },
          scopeSpans: [{ scope: { name: 'lib' }, spans: [span('a', { x: 1 })] }],
        },
      ],
    },
  ],
  [
    'takes paths without a prefix in a group with a context: span events, their index and their span',
    {
      trace_statements: [
        {
          context: 'spanevent',
          statements: ['set(attributes["n"], event_index)', 'set(span.name, name) where name == "last"'],
        },
      ],
    },
    'traces',
    spans({}, span('a', { x: 1 }, { events: [{ name: 'first' }, { name: 'last' }] }), span('b', { x: 2 })),
    spans(
      {},
      span(
        'last',
        { x: 1 },
        {
          events: [
            { name: 'first', attributes: attributes({ n: 0 }) },
            { name: 'last', attributes: attributes({ n: 1 }) },
          ],
        },
      ),
      span('b', { x: 2 }),
    ),
  ],
  [
    'changes the type of metrics',
    {
      metric_statements: [
        { statements: ['convert_sum_to_gauge() where metric.name == "system.processes.count"'] },
        { statements: ['convert_gauge_to_sum("cumulative", true) where metric.name == "prometheus_metric"'] },
        { statements: ['limit(datapoint.attributes, 1, ["host.name"])'] },
      ],
    },
    'metrics',
    metrics(
      {},
      sum('system.processes.count', point(1, { a: 1, 'host.name': 'h' })),
      { name: 'prometheus_metric', gauge: { dataPoints: [point(2)] } },
      sum('other', point(3)),
    ),
    metrics(
      {},
      { name: 'system.processes.count', gauge: { dataPoints: [point(1, { 'host.name': 'h' })] } },
      sum('prometheus_metric', point(2)),
      sum('other', point(3)),
    ),
  ],
  [
    'runs on scopes and exemplars',
    {
      metric_statements: [
        { context: 'scope', statements: ['set(version, "2") where name == "lib"'] },
        { context: 'exemplar', statements: ['set(int_value, 7)', 'set(datapoint.attributes["seen"], true)'] },
      ],
    },
    'metrics',
    metrics({}, sum('a', point(1, {}, { exemplars: [{ asInt: '3' }] }), point(2))),
    {
      resourceMetrics: [
        {
          resource: {},
          scopeMetrics: [
            {
              scope: { name: 'lib', version: '2' },
              metrics: [sum('a', point(1, { seen: true }, { exemplars: [{ asInt: '7' }] }), point(2))],
            },
          ],
        },
      ],
    },
  ],
];

test.each(ROWS)('%s', async (_, settings, signal, given, expected) => {
  // Through the same conversion, so that what is left out by default compares.
  expect(await transformed(settings, signal, given)).toEqual(await transformed({}, signal, expected));
});

describe('groups run one after the other over the whole batch', () => {
  const given = logs({}, record('1'), record('2'), record('3'));
  const [first, second] = [
    { context: 'log', statements: ['set(resource.attributes["last"], body)'] },
    { context: 'log', statements: ['set(attributes["last"], resource.attributes["last"])'] },
  ];

  test('where a later group sees what an earlier one left in the resource', async () => {
    const after = await transformed({ log_statements: [first, second] }, 'logs', given);
    const all = ['1', '2', '3'].map((body) => record(body, { last: '3' }));
    expect(after).toEqual(await transformed({}, 'logs', logs({ last: '3' }, ...all)));
  });

  test('while statements of one group run one after the other for each record', async () => {
    const statements = [...first.statements, ...second.statements];
    const after = await transformed({ log_statements: [{ context: 'log', statements }] }, 'logs', given);
    const all = ['1', '2', '3'].map((body) => record(body, { last: body }));
    expect(after).toEqual(await transformed({}, 'logs', logs({ last: '3' }, ...all)));
  });
});

describe('a shared cache', () => {
  const given = logs({}, record('1'), record('2'));
  const count = 'set(cache["n"], 1 + cache["n"]) where cache["n"] != nil';
  const begin = 'set(cache["n"], 1) where cache["n"] == nil';
  const show = 'set(attributes["n"], cache["n"])';

  async function seen(...groups: object[]): Promise<unknown> {
    const log_statements = groups.map((group) => ({ context: 'log', ...group }));
    const after = await transformed({ log_statements, flatten_data: false }, 'logs', given);
    return [...JSON.stringify(after).matchAll(/"key":"n","value":\{"intValue":"(\d+)"/g)].map(([, n]) => Number(n));
  }

  test('stays from record to record and from group to group', async () => {
    const shared_cache = true;
    expect(await seen({ shared_cache, statements: [count, begin, show] })).toEqual([1, 2]);
    expect(await seen({ shared_cache, statements: [count, begin] }, { shared_cache, statements: [show] })).toEqual([
      2, 2,
    ]);
  });

  test('is not seen by groups that do not say so, nor by other contexts', async () => {
    const shared_cache = true;
    expect(await seen({ shared_cache, statements: [begin] }, { statements: [show] })).toEqual([]);
    expect(
      await seen({ context: 'resource', shared_cache, statements: [begin] }, { shared_cache, statements: [show] }),
    ).toEqual([]);
    expect(await seen({ statements: [count, begin, show] })).toEqual([1, 1]);
  });

  test('begins anew with each payload', async () => {
    await using collector = await collectorWith(
      JSON.stringify({ log_statements: [{ context: 'log', shared_cache: true, statements: [count, begin, show] }] }),
    );
    const body = jsonToProto('logs', JSON.stringify(given));
    for (let i = 0; i < 2; i++) await collector.in().send('logs', body);
    const [first, second] = collector.out().accepted.map(({ bytes }) => Buffer.from(bytes));
    expect(second).toEqual(first);
  });
});

describe('metrics that statements add', () => {
  const given = metrics({}, sum('a', point(1)), sum('b', point(2)));

  test('are seen by the statements, behind the others', async () => {
    const metric_statements = [
      'copy_metric(Concat([metric.name, "copy"], ".")) where not IsMatch(metric.name, "copy$")',
      'set(metric.description, metric.name)',
    ];
    const names = ['a', 'b', 'a.copy', 'b.copy'];
    const expected = metrics(
      {},
      ...names.map((name) => ({ ...sum(name, point(name.startsWith('a') ? 1 : 2)), description: name })),
    );
    expect(await transformed({ metric_statements }, 'metrics', given)).toEqual(
      await transformed({}, 'metrics', expected),
    );
  });

  test('without end are refused', async () => {
    const metric_statements = [{ context: 'metric', statements: ['copy_metric()', 'copy_metric(name = "c")'] }];
    await expect(transformed({ metric_statements }, 'metrics', given)).rejects.toMatchObject({
      code: 'OTTL_ENDLESS',
    });
  });
});
