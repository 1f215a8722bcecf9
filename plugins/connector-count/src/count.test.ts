import type { Signal } from '@millrace/api';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const int = (key: string, value: number) => ({ key, value: { intValue: String(value) } });
const shop = { attributes: [text('service.name', 'shop'), text('env', 'prod')] };
const agent = { attributes: [text('service.name', 'agent')] };
const empty = { attributes: [text('service.name', 'empty')] };

const REQUESTS: Readonly<Record<Signal, object>> = {
  logs: {
    resourceLogs: [
      {
        resource: shop,
        scopeLogs: [
          {
            logRecords: [
              { timeUnixNano: '200', severityNumber: 9, attributes: [text('k', 'a'), int('n', 1)] },
              { timeUnixNano: '100', severityNumber: 17, attributes: [text('k', 'a'), int('n', 2)] },
            ],
          },
          {
            scope: { name: 's', attributes: [text('k', 'b')] },
            logRecords: [{ timeUnixNano: '9223372036854775807', severityNumber: 17 }, { severityNumber: 9 }],
          },
        ],
      },
      {
        resource: agent,
        scopeLogs: [{ logRecords: [{ timeUnixNano: '5', attributes: [{ key: 'k', value: { boolValue: true } }] }] }],
      },
      { resource: empty, scopeLogs: [{}] },
    ],
  },
  traces: {
    resourceSpans: [
      {
        resource: shop,
        scopeSpans: [
          {
            spans: [
              {
                startTimeUnixNano: '10',
                endTimeUnixNano: '30',
                kind: 2,
                events: [
                  { timeUnixNano: '15', name: 'x' },
                  { timeUnixNano: '14', name: 'y', attributes: [text('k', 'v')] },
                ],
              },
              { startTimeUnixNano: '5', endTimeUnixNano: '25', kind: 3, attributes: [text('k', 'v')] },
            ],
          },
        ],
      },
    ],
  },
  metrics: {
    resourceMetrics: [
      {
        resource: shop,
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'a',
                gauge: { dataPoints: [{ timeUnixNano: '7', attributes: [text('k', 'v')] }, { timeUnixNano: '6' }] },
              },
              { name: 'b', histogram: { aggregationTemporality: 2, dataPoints: [{ timeUnixNano: '9' }] } },
              { name: 'c' },
            ],
          },
        ],
      },
    ],
  },
  profiles: {
    resourceProfiles: [
      {
        resource: shop,
        scopeProfiles: [
          {
            profiles: [
              { timeUnixNano: '3', samples: [{ values: ['1'] }], attributeIndices: [1] },
              { timeUnixNano: '2', samples: [{}] },
            ],
          },
        ],
      },
    ],
    dictionary: {
      stringTable: ['', 'thread'],
      attributeTable: [{}, { keyStrindex: 1, value: { stringValue: 'main' } }],
    },
  },
};

/** `resource name{attributes}=value@start-end` for each data point, after whatever happened on the way. */
async function counted(settings: object, signal: Signal): Promise<string[]> {
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `connectors: { count: ${JSON.stringify(settings)} }`,
    'service:',
    '  pipelines:',
    `    ${signal}/in: { receivers: [test/in], exporters: [count] }`,
    '    metrics/out: { receivers: [count], exporters: [test/out] }',
  ].join('\n');
  await using collector = await collectorOf(yaml, { plugins: [new URL('./index.ts', import.meta.url)] });
  await collector.in().send(signal, jsonToProto(signal, JSON.stringify(REQUESTS[signal])));
  return collector
    .out()
    .accepted.flatMap(({ bytes }) => pointsIn(JSON.parse(Buffer.from(protoToJson('metrics', bytes)).toString())));
}

interface Attribute {
  readonly key: string;
  readonly value: object;
}

interface Output {
  readonly resourceMetrics: {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: {
      readonly metrics: {
        readonly name: string;
        readonly sum: {
          readonly dataPoints: {
            readonly attributes?: readonly Attribute[];
            readonly asInt: string;
            readonly startTimeUnixNano: string;
            readonly timeUnixNano: string;
          }[];
        };
      }[];
    }[];
  }[];
}

const valueOf = ({ value }: Attribute) =>
  Object.entries(value)
    .map(([kind, each]) => `${kind.slice(0, 1)}:${each}`)
    .join();

function pointsIn({ resourceMetrics }: Output): string[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(({ name, sum }) =>
        sum.dataPoints.map((point) => {
          const attributes = (point.attributes ?? []).map((each) => `${each.key}=${valueOf(each)}`).join(' ');
          const time = `${point.startTimeUnixNano}-${point.timeUnixNano}`;
          return `${valueOf(resource.attributes[0]).slice(2)} ${name}{${attributes}}=${point.asInt}@${time}`;
        }),
      ),
    ),
  );
}

type Row = readonly [signal: Signal, settings: object, expected: readonly string[]];

const ROWS: readonly Row[] = [
  ['logs', {}, ['shop log.record.count{}=4@100-9223372036854775807', 'agent log.record.count{}=1@5-5']],
  ['logs', { spans: {} }, ['shop log.record.count{}=4@100-9223372036854775807', 'agent log.record.count{}=1@5-5']],
  ['logs', { logs: {} }, []],
  // The time is that of everything there is, counted or not.
  [
    'logs',
    { logs: { errors: { conditions: ['severity_number >= SEVERITY_NUMBER_ERROR'] } } },
    ['shop errors{}=2@100-9223372036854775807'],
  ],
  [
    'logs',
    {
      logs: {
        some: {
          conditions: ['attributes["n"] == 1', 'log.attributes["n"] == 2', 'resource.attributes["env"] == "no"'],
        },
      },
    },
    ['shop some{}=2@100-9223372036854775807'],
  ],
  // Of the record, else of the scope, else of the resource.
  [
    'logs',
    { logs: { by: { attributes: [{ key: 'k' }] } } },
    [
      'shop by{k=s:a}=2@100-9223372036854775807',
      'shop by{k=s:b}=2@100-9223372036854775807',
      'agent by{k=s:true}=1@5-5',
    ],
  ],
  ['logs', { logs: { by: { attributes: [{ key: 'env' }] } } }, ['shop by{env=s:prod}=4@100-9223372036854775807']],
  [
    'logs',
    {
      logs: {
        by: {
          attributes: [
            { key: 'env', default_value: 'none' },
            { key: 'n', default_value: 7 },
          ],
        },
      },
    },
    [
      'shop by{env=s:prod n=i:1}=1@100-9223372036854775807',
      'shop by{env=s:prod n=i:2}=1@100-9223372036854775807',
      'shop by{env=s:prod n=i:7}=2@100-9223372036854775807',
      'agent by{env=s:none n=i:7}=1@5-5',
    ],
  ],
  [
    'logs',
    { logs: { by: { attributes: [{ key: 'f', default_value: 0.5 }] } } },
    ['shop by{f=d:0.5}=4@100-9223372036854775807', 'agent by{f=d:0.5}=1@5-5'],
  ],
  ['logs', { logs: { by: { attributes: [{ key: 'missing', default_value: '' }] } } }, []],
  ['logs', { logs: { by: { attributes: [{ key: 'missing', default_value: 0 }] } } }, []],
  ['traces', {}, ['shop trace.span.count{}=2@5-30', 'shop trace.span.event.count{}=2@14-15']],
  [
    'traces',
    {
      spans: { servers: { conditions: ['kind == SPAN_KIND_SERVER'] } },
      spanevents: { y: { conditions: ['name == "y" and span.kind == SPAN_KIND_SERVER'], attributes: [{ key: 'k' }] } },
    },
    ['shop servers{}=1@5-30', 'shop y{k=s:v}=1@14-15'],
  ],
  ['metrics', {}, ['shop metric.count{}=3@6-9', 'shop metric.datapoint.count{}=3@6-9']],
  [
    'metrics',
    {
      metrics: { gauges: { conditions: ['type == METRIC_DATA_TYPE_GAUGE'] } },
      datapoints: { k: { conditions: ['metric.name == "a"'], attributes: [{ key: 'k' }] } },
    },
    ['shop gauges{}=1@6-9', 'shop k{k=s:v}=1@6-9'],
  ],
  ['profiles', {}, ['shop profile.count{}=2@2-3']],
  [
    'profiles',
    {
      profiles: {
        n: { conditions: ['attributes["thread"] == "main"'] },
        by: { attributes: [{ key: 'thread', default_value: 'none' }] },
      },
    },
    ['shop n{}=1@2-3', 'shop by{thread=s:main}=1@2-3', 'shop by{thread=s:none}=1@2-3'],
  ],
];

test.each(ROWS.map(([signal, settings, expected]) => ({ signal, settings: JSON.stringify(settings), expected })))(
  '$signal with $settings',
  async ({ signal, settings, expected }) => {
    expect(await counted(JSON.parse(settings) as object, signal)).toEqual(expected);
  },
);

describe('the metrics', () => {
  test('are monotonic delta sums with the description, in the resource of what was counted', async () => {
    const yaml = [
      'receivers: { test/in: }',
      'exporters: { test/out: }',
      'connectors: { count: { logs: { n: { description: how many } } } }',
      'service: { pipelines: { logs: { receivers: [test/in], exporters: [count] }, metrics: { receivers: [count], exporters: [test/out] } } }',
    ].join('\n');
    await using collector = await collectorOf(yaml, { plugins: [new URL('./index.ts', import.meta.url)] });
    await collector.in().send('logs', jsonToProto('logs', JSON.stringify(REQUESTS.logs)));
    const [{ bytes }] = collector.out().accepted;
    const [first] = (JSON.parse(Buffer.from(protoToJson('metrics', bytes)).toString()) as Output).resourceMetrics;
    expect(first).toMatchObject({
      resource: shop,
      scopeMetrics: [
        {
          scope: { name: 'github.com/open-telemetry/opentelemetry-collector-contrib/connector/countconnector' },
          metrics: [{ name: 'n', description: 'how many', sum: { isMonotonic: true, aggregationTemporality: 1 } }],
        },
      ],
    });
  });

  test('of what has no time have the time of the clock', async () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const yaml = [
      'receivers: { test/in: }',
      'exporters: { test/out: }',
      'connectors: { count: }',
      'service: { pipelines: { logs: { receivers: [test/in], exporters: [count] }, metrics: { receivers: [count], exporters: [test/out] } } }',
    ].join('\n');
    await using collector = await collectorOf(yaml, { plugins: [new URL('./index.ts', import.meta.url)] });
    const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] };
    await collector.in().send('logs', jsonToProto('logs', JSON.stringify(request)));
    const [{ bytes }] = collector.out().accepted;
    const [, time = ''] = /"timeUnixNano":"(\d+)"/.exec(Buffer.from(protoToJson('metrics', bytes)).toString()) ?? [];
    expect(BigInt(time) >= before).toBe(true);
  });
});

test('a condition that fails refuses what it fails for, and counts nothing of it later', async () => {
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `connectors: { count: ${JSON.stringify({ logs: { n: { conditions: ['Substring(attributes["k"], 0, 1) == "a"'] } } })} }`,
    'service: { pipelines: { logs: { receivers: [test/in], exporters: [count] }, metrics: { receivers: [count], exporters: [test/out] } } }',
  ].join('\n');
  await using collector = await collectorOf(yaml, { plugins: [new URL('./index.ts', import.meta.url)] });
  const sent = collector.in().send('logs', jsonToProto('logs', JSON.stringify(REQUESTS.logs)));
  await expect(sent).rejects.toMatchObject({ retryable: false, failedItems: 3 });
  const points = collector
    .out()
    .accepted.flatMap(({ bytes }) => pointsIn(JSON.parse(Buffer.from(protoToJson('metrics', bytes)).toString())));
  expect(points).toEqual(['shop n{}=2@100-200']);
});
