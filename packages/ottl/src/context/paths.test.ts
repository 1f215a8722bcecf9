import { describe, expect, test } from 'vitest';
import { compileValue } from '../compile-statements.ts';
import { functionRegistry } from '../function/define-function.ts';
import { pathWriter } from '../testing/path-writer.ts';
import { decodeJson, encodePlain, plainToJson } from '../testing/plain-json.ts';
import { batchOf, forEach, signalOf } from '../testing/telemetry.ts';
import { Id } from '../value/id.ts';
import { Time } from '../value/time.ts';
import type { Value } from '../value/value.ts';
import type { ContextName } from './context-name.ts';
import { CONTEXTS } from './contexts.ts';

type Plain = Readonly<Record<string, unknown>>;

/** A path, what it reads, what is set, and where and what that is in the decoded request; `reads` when it reads otherwise then. */
type Row = readonly [path: string, is: Value, to: Value, at: string, plain: unknown, reads?: Value];

const map = (entries: Record<string, Value>): Value => new Map(Object.entries(entries));
const text = (key: string, value: string): Plain => ({ key, value: { stringValue: value } });
const hexOf = (byte: number, count: number): string => byte.toString(16).padStart(2, '0').repeat(count);
const ID = { trace: hexOf(0xab, 16), span: hexOf(0xcd, 8) };
const bytesOf = (byte: number, count: number): Uint8Array => new Uint8Array(count).fill(byte);

const resource: Plain = { attributes: [text('a', 'r')], droppedAttributesCount: 1 };
const scope: Plain = { name: 'lib', version: '1.2', attributes: [text('a', 's')], droppedAttributesCount: 2 };

const attributesRows = (prefix: string, at: string, value: string): Row[] => [
  [
    prefix,
    map({ a: value }),
    map({ b: 1n, c: 1 }),
    at,
    [
      { key: 'b', value: { intValue: 1n } },
      { key: 'c', value: { doubleValue: 1 } },
    ],
  ],
  [`${prefix}["a"]`, value, true, at, [{ key: 'a', value: { boolValue: true } }]],
  [`${prefix}["new"]`, null, 'x', at, [text('a', value), text('new', 'x')]],
  [
    `${prefix}["n"]["m"][1]`,
    null,
    2n ** 62n,
    at,
    [
      text('a', value),
      {
        key: 'n',
        value: {
          kvlistValue: { values: [{ key: 'm', value: { arrayValue: { values: [{}, { intValue: 2n ** 62n }] } } }] },
        },
      },
    ],
  ],
];

const resourceRows = (at: string): Row[] => [
  ...attributesRows('resource.attributes', `${at}.resource.attributes`, 'r'),
  ['resource.dropped_attributes_count', 1n, 2n ** 32n + 7n, `${at}.resource.droppedAttributesCount`, 7, 7n],
  ['resource.schema_url', 'url-r', 'u', `${at}.schemaUrl`, 'u'],
];

const scopeRows = (at: string): Row[] =>
  ['scope', 'instrumentation_scope'].flatMap((prefix): Row[] => [
    ...attributesRows(`${prefix}.attributes`, `${at}.scope.attributes`, 's'),
    [`${prefix}.dropped_attributes_count`, 2n, 0n, `${at}.scope.droppedAttributesCount`, undefined],
    [`${prefix}.name`, 'lib', 'other', `${at}.scope.name`, 'other'],
    [`${prefix}.version`, '1.2', '', `${at}.scope.version`, undefined],
    [`${prefix}.schema_url`, 'url-s', 'u', `${at}.schemaUrl`, 'u'],
  ]);

const cacheRows = (prefix: string): Row[] => [
  [`${prefix}.cache`, map({}), map({ a: 1n }), '', undefined],
  [`${prefix}.cache["a"]["b"]`, null, 'x', '', undefined],
];

const nanos = 1_700_000_000_000_000_001n;
const later = 1_800_000_000_000_000_002n;
const timeRows = (prefix: string, name: string, at: string): Row[] => [
  [`${prefix}.${name}_unix_nano`, nanos, later, at, later],
  [`${prefix}.${name}`, new Time(nanos), new Time(later, '+02:00'), at, later, new Time(later)],
];
const idRows = (prefix: string, name: string, kind: 'trace' | 'span', at: string): Row[] => {
  const count = kind === 'trace' ? 16 : 8;
  return [
    [`${prefix}.${name}`, new Id(kind, ID[kind]), new Id(kind, hexOf(7, count)), at, hexOf(7, count)],
    [`${prefix}.${name}`, new Id(kind, ID[kind]), new Id(kind, hexOf(0, count)), at, undefined],
    [`${prefix}.${name}.string`, ID[kind], hexOf(9, count), at, hexOf(9, count)],
  ];
};

interface Suite {
  readonly request: Plain;
  readonly rows: readonly Row[];
}

const log: Plain = {
  timeUnixNano: nanos,
  observedTimeUnixNano: nanos,
  severityNumber: 9,
  severityText: 'INFO',
  body: { stringValue: 'hello' },
  attributes: [text('a', 'l')],
  droppedAttributesCount: 3,
  flags: 1,
  traceId: bytesOf(0xab, 16),
  spanId: bytesOf(0xcd, 8),
  eventName: 'e',
};
const logs: Plain = {
  resourceLogs: [{ resource, schemaUrl: 'url-r', scopeLogs: [{ scope, schemaUrl: 'url-s', logRecords: [log] }] }],
};
const LOG = 'resourceLogs.0.scopeLogs.0.logRecords.0';

const span: Plain = {
  traceId: bytesOf(0xab, 16),
  spanId: bytesOf(0xcd, 8),
  parentSpanId: bytesOf(0xcd, 8),
  traceState: 'a=1,b=2',
  name: 'GET',
  kind: 2,
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes: [text('a', 'p')],
  droppedAttributesCount: 1,
  droppedEventsCount: 2,
  droppedLinksCount: 3,
  status: { code: 2, message: 'bad' },
  events: [{ timeUnixNano: nanos, name: 'ev', attributes: [text('a', 'e')], droppedAttributesCount: 4 }],
  links: [
    {
      traceId: bytesOf(0xab, 16),
      spanId: bytesOf(0xcd, 8),
      traceState: 'x=y',
      attributes: [text('a', 'k')],
      droppedAttributesCount: 5,
      flags: 6,
    },
  ],
};
const traces: Plain = {
  resourceSpans: [{ resource, schemaUrl: 'url-r', scopeSpans: [{ scope, schemaUrl: 'url-s', spans: [span] }] }],
};
const SPAN = 'resourceSpans.0.scopeSpans.0.spans.0';

const spanRows: Row[] = [
  ...attributesRows('span.attributes', `${SPAN}.attributes`, 'p'),
  ['span.dropped_attributes_count', 1n, 9n, `${SPAN}.droppedAttributesCount`, 9],
  ['span.dropped_events_count', 2n, 9n, `${SPAN}.droppedEventsCount`, 9],
  ['span.flags', 0n, 257n, `${SPAN}.flags`, 257],
  ['span.dropped_links_count', 3n, 9n, `${SPAN}.droppedLinksCount`, 9],
  ...timeRows('span', 'start_time', `${SPAN}.startTimeUnixNano`),
  ...timeRows('span', 'end_time', `${SPAN}.endTimeUnixNano`),
  ...idRows('span', 'trace_id', 'trace', `${SPAN}.traceId`),
  ...idRows('span', 'span_id', 'span', `${SPAN}.spanId`),
  ...idRows('span', 'parent_span_id', 'span', `${SPAN}.parentSpanId`),
  ['span.kind', 2n, 3n, `${SPAN}.kind`, 3],
  ['span.kind.string', 'Server', 'Consumer', `${SPAN}.kind`, 5],
  ['span.kind.deprecated_string', 'SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT', `${SPAN}.kind`, 3],
  ['span.name', 'GET', 'PUT', `${SPAN}.name`, 'PUT'],
  ['span.status.code', 2n, 1n, `${SPAN}.status.code`, 1],
  ['span.status.message', 'bad', 'worse', `${SPAN}.status.message`, 'worse'],
  ['span.trace_state', 'a=1,b=2', 'c=3', `${SPAN}.traceState`, 'c=3'],
  ['span.trace_state["b"]', '2', '4', `${SPAN}.traceState`, 'b=4,a=1'],
  ['span.trace_state["c"]', '', '4', `${SPAN}.traceState`, 'c=4,a=1,b=2'],
];

const number: Plain = {
  attributes: [text('a', 'd')],
  startTimeUnixNano: nanos,
  timeUnixNano: nanos,
  asInt: 5n,
  flags: 1,
  exemplars: [
    {
      filteredAttributes: [text('a', 'x')],
      timeUnixNano: nanos,
      asDouble: 2.5,
      spanId: bytesOf(0xcd, 8),
      traceId: bytesOf(0xab, 16),
    },
  ],
};
const metricOf = (data: Plain): Plain => ({
  resourceMetrics: [
    {
      resource,
      schemaUrl: 'url-r',
      scopeMetrics: [
        {
          scope,
          schemaUrl: 'url-s',
          metrics: [{ name: 'm', description: 'd', unit: 's', metadata: [text('a', 'm')], ...data }],
        },
      ],
    },
  ],
});
const METRIC = 'resourceMetrics.0.scopeMetrics.0.metrics.0';
const sum = metricOf({ sum: { dataPoints: [number], aggregationTemporality: 2, isMonotonic: true } });
const gauge = metricOf({ gauge: { dataPoints: [{ ...number, asInt: undefined, asDouble: 1.5 } as never] } });
const histogram = metricOf({
  histogram: {
    aggregationTemporality: 1,
    dataPoints: [{ timeUnixNano: nanos, count: 2n ** 63n, sum: 1.5, bucketCounts: [1n, 2n], explicitBounds: [0.5] }],
  },
});
const exponential = metricOf({
  exponentialHistogram: {
    dataPoints: [
      {
        timeUnixNano: nanos,
        count: 3n,
        sum: 2.5,
        scale: -1,
        zeroCount: 4n,
        positive: { offset: 1, bucketCounts: [1n] },
        negative: { offset: -2, bucketCounts: [2n] },
      },
    ],
  },
});
const summary = metricOf({
  summary: { dataPoints: [{ timeUnixNano: nanos, count: 3n, sum: 2.5, quantileValues: [{ quantile: 1, value: 2 }] }] },
});

const metricRows: Row[] = [
  ['metric.name', 'm', 'n', `${METRIC}.name`, 'n'],
  ['metric.description', 'd', '', `${METRIC}.description`, undefined],
  ['metric.unit', 's', 'ms', `${METRIC}.unit`, 'ms'],
  ...attributesRows('metric.metadata', `${METRIC}.metadata`, 'm'),
  ['metric.aggregation_temporality', 2n, 1n, `${METRIC}.sum.aggregationTemporality`, 1],
  ['metric.is_monotonic', true, false, `${METRIC}.sum.isMonotonic`, undefined],
  ['metric.type', 2n, 1n, '', undefined, 2n],
];
const around = [...resourceRows('resourceMetrics.0'), ...scopeRows('resourceMetrics.0.scopeMetrics.0')];
const pointAt = (type: string): string => `${METRIC}.${type}.dataPoints.0`;
const POINT = pointAt('sum');
const EXEMPLAR = `${POINT}.exemplars.0`;

const readsNil = (path: string): Row => [path, null, 1n, '', undefined, null];

const suites: readonly (readonly [context: ContextName, title: string, suite: Suite])[] = [
  [
    'log',
    'a record',
    {
      request: logs,
      rows: [
        ...attributesRows('log.attributes', `${LOG}.attributes`, 'l'),
        [
          'log.body',
          'hello',
          map({ a: [1n, 2, null] }),
          `${LOG}.body`,
          {
            kvlistValue: {
              values: [{ key: 'a', value: { arrayValue: { values: [{ intValue: 1n }, { doubleValue: 2 }, {}] } } }],
            },
          },
        ],
        ['log.body', 'hello', 1.0, `${LOG}.body`, { doubleValue: 1 }],
        ['log.body', 'hello', 1n, `${LOG}.body`, { intValue: 1n }],
        ['log.body', 'hello', Uint8Array.of(1), `${LOG}.body`, { bytesValue: Uint8Array.of(1) }],
        ['log.body.string', 'hello', 'x', `${LOG}.body`, { stringValue: 'x' }],
        ['log.dropped_attributes_count', 3n, -1n, `${LOG}.droppedAttributesCount`, 2 ** 32 - 1, 2n ** 32n - 1n],
        ['log.event_name', 'e', 'f', `${LOG}.eventName`, 'f'],
        ['log.flags', 1n, 2n, `${LOG}.flags`, 2],
        ...timeRows('log', 'observed_time', `${LOG}.observedTimeUnixNano`),
        ...timeRows('log', 'time', `${LOG}.timeUnixNano`),
        ['log.time_unix_nano', nanos, -1n, `${LOG}.timeUnixNano`, 2n ** 64n - 1n],
        ['log.severity_number', 9n, 17n, `${LOG}.severityNumber`, 17],
        ['log.severity_text', 'INFO', 'WARN', `${LOG}.severityText`, 'WARN'],
        ...idRows('log', 'trace_id', 'trace', `${LOG}.traceId`),
        ...idRows('log', 'span_id', 'span', `${LOG}.spanId`),
        ...resourceRows('resourceLogs.0'),
        ...scopeRows('resourceLogs.0.scopeLogs.0'),
        ...cacheRows('log'),
      ],
    },
  ],
  [
    'span',
    'a span',
    {
      request: traces,
      rows: [
        ...spanRows,
        ...resourceRows('resourceSpans.0'),
        ...scopeRows('resourceSpans.0.scopeSpans.0'),
        ...cacheRows('span'),
      ],
    },
  ],
  [
    'spanevent',
    'an event',
    {
      request: traces,
      rows: [
        ...attributesRows('spanevent.attributes', `${SPAN}.events.0.attributes`, 'e'),
        ['spanevent.dropped_attributes_count', 4n, 9n, `${SPAN}.events.0.droppedAttributesCount`, 9],
        ['spanevent.name', 'ev', 'x', `${SPAN}.events.0.name`, 'x'],
        ...timeRows('spanevent', 'time', `${SPAN}.events.0.timeUnixNano`),
        ...spanRows,
        ...resourceRows('resourceSpans.0'),
        ...scopeRows('resourceSpans.0.scopeSpans.0'),
        ...cacheRows('spanevent'),
      ],
    },
  ],
  [
    'spanlink',
    'a link',
    {
      request: traces,
      rows: [
        ...attributesRows('spanlink.attributes', `${SPAN}.links.0.attributes`, 'k'),
        ['spanlink.dropped_attributes_count', 5n, 9n, `${SPAN}.links.0.droppedAttributesCount`, 9],
        ['spanlink.flags', 6n, 9n, `${SPAN}.links.0.flags`, 9],
        ['spanlink.trace_state', 'x=y', 'y=z', `${SPAN}.links.0.traceState`, 'y=z'],
        ...idRows('spanlink', 'trace_id', 'trace', `${SPAN}.links.0.traceId`),
        ...idRows('spanlink', 'span_id', 'span', `${SPAN}.links.0.spanId`),
        ...spanRows,
        ...resourceRows('resourceSpans.0'),
        ...scopeRows('resourceSpans.0.scopeSpans.0'),
        ...cacheRows('spanlink'),
      ],
    },
  ],
  ['metric', 'a sum', { request: sum, rows: [...metricRows, ...around, ...cacheRows('metric')] }],
  [
    'metric',
    'a gauge',
    {
      request: gauge,
      rows: [
        ['metric.type', 1n, 2n, '', undefined, 1n],
        ['metric.aggregation_temporality', null, 1n, '', undefined, null],
        ['metric.is_monotonic', null, true, '', undefined, null],
      ],
    },
  ],
  [
    'datapoint',
    'a number',
    {
      request: sum,
      rows: [
        ...attributesRows('datapoint.attributes', `${POINT}.attributes`, 'd'),
        ['datapoint.flags', 1n, 0n, `${POINT}.flags`, undefined],
        ...timeRows('datapoint', 'start_time', `${POINT}.startTimeUnixNano`),
        ...timeRows('datapoint', 'time', `${POINT}.timeUnixNano`),
        ['datapoint.value_int', 5n, -(2n ** 63n), `${POINT}.asInt`, -(2n ** 63n)],
        ['datapoint.value_double', 0, 2.5, `${POINT}.asInt|asDouble`, 2.5],
        ...[
          'bucket_counts',
          'count',
          'explicit_bounds',
          'negative',
          'negative.bucket_counts',
          'negative.offset',
          'positive',
          'positive.bucket_counts',
          'positive.offset',
          'quantile_values',
          'scale',
          'sum',
          'zero_count',
        ].map((name) => readsNil(`datapoint.${name}`)),
        ...metricRows,
        ...around,
        ...cacheRows('datapoint'),
      ],
    },
  ],
  [
    'datapoint',
    'a double',
    {
      request: gauge,
      rows: [
        ['datapoint.value_double', 1.5, 2.5, `${pointAt('gauge')}.asDouble`, 2.5],
        ['datapoint.value_int', 0n, 7n, `${pointAt('gauge')}.asDouble|asInt`, 7n],
      ],
    },
  ],
  [
    'datapoint',
    'a histogram',
    {
      request: histogram,
      rows: [
        ['datapoint.count', -(2n ** 63n), 4n, `${pointAt('histogram')}.count`, 4n],
        ['datapoint.sum', 1.5, 0, `${pointAt('histogram')}.sum`, 0],
        ['datapoint.bucket_counts', [1n, 2n], [3n], `${pointAt('histogram')}.bucketCounts`, [3n]],
        ['datapoint.explicit_bounds', [0.5], [1, 2], `${pointAt('histogram')}.explicitBounds`, [1, 2]],
        ['datapoint.value_int', null, 1n, '', undefined, null],
        ['datapoint.value_double', null, 1, '', undefined, null],
      ],
    },
  ],
  [
    'datapoint',
    'an exponential histogram',
    {
      request: exponential,
      rows: [
        ['datapoint.count', 3n, 4n, `${pointAt('exponentialHistogram')}.count`, 4n],
        ['datapoint.sum', 2.5, 3.5, `${pointAt('exponentialHistogram')}.sum`, 3.5],
        ['datapoint.scale', -1n, 3n, `${pointAt('exponentialHistogram')}.scale`, 3],
        ['datapoint.zero_count', 4n, 5n, `${pointAt('exponentialHistogram')}.zeroCount`, 5n],
        ['datapoint.positive.offset', 1n, 2n, `${pointAt('exponentialHistogram')}.positive.offset`, 2],
        [
          'datapoint.positive.bucket_counts',
          [1n],
          [1n, 2n],
          `${pointAt('exponentialHistogram')}.positive.bucketCounts`,
          [1n, 2n],
        ],
        ['datapoint.negative.offset', -2n, 2n, `${pointAt('exponentialHistogram')}.negative.offset`, 2],
        [
          'datapoint.negative.bucket_counts',
          [2n],
          [5n],
          `${pointAt('exponentialHistogram')}.negative.bucketCounts`,
          [5n],
        ],
      ],
    },
  ],
  [
    'datapoint',
    'a summary',
    {
      request: summary,
      rows: [
        ['datapoint.count', 3n, 4n, `${pointAt('summary')}.count`, 4n],
        ['datapoint.sum', 2.5, 3.5, `${pointAt('summary')}.sum`, 3.5],
        ['datapoint.exemplars', null, 1n, '', undefined, null],
      ],
    },
  ],
  [
    'exemplar',
    'an exemplar',
    {
      request: sum,
      rows: [
        ...attributesRows('exemplar.filtered_attributes', `${EXEMPLAR}.filteredAttributes`, 'x'),
        ...timeRows('exemplar', 'time', `${EXEMPLAR}.timeUnixNano`),
        ['exemplar.double_value', 2.5, 3.5, `${EXEMPLAR}.asDouble`, 3.5],
        ['exemplar.int_value', 0n, 7n, `${EXEMPLAR}.asDouble|asInt`, 7n],
        ...idRows('exemplar', 'trace_id', 'trace', `${EXEMPLAR}.traceId`).slice(0, 2),
        ...idRows('exemplar', 'span_id', 'span', `${EXEMPLAR}.spanId`).slice(0, 2),
        ['datapoint.value_int', 5n, 6n, `${POINT}.asInt`, 6n],
        ...metricRows,
        ...around,
        ...cacheRows('exemplar'),
      ],
    },
  ],
  [
    'scope',
    'a scope',
    {
      request: logs,
      rows: [...resourceRows('resourceLogs.0'), ...scopeRows('resourceLogs.0.scopeLogs.0'), ...cacheRows('scope')],
    },
  ],
  ['resource', 'a resource', { request: logs, rows: [...resourceRows('resourceLogs.0'), ...cacheRows('resource')] }],
];

function expectedAfter(before: object, at: string, plain: unknown): object {
  const after = structuredClone(before);
  if (at === '') return after;
  const steps = at.split('.');
  const last = steps.pop()!.split('|');
  let node = after as Record<string, never>;
  for (const step of steps) node = node[step];
  // Of a oneof the other member goes.
  for (const name of last) delete node[name];
  if (plain !== undefined) (node as Record<string, unknown>)[last.at(-1)!] = plainToJson(plain, last.at(-1));
  return after;
}

describe.each(suites)('the context %s, %s', (context, _, { request, rows }) => {
  test.each(rows.map((row) => [row[0], row] as const))(
    'reads and writes %s',
    (path, [, is, to, at, plain, reads = to]) => {
      const signal = signalOf(context);
      const bytes = encodePlain(signal, request);
      const batch = batchOf(signal, bytes);
      const own = compileValue({
        context,
        value: path,
        functions: functionRegistry(),
      });
      const { program, setTo } = pathWriter(path)(context);
      let seen: Value | undefined;
      let after: Value | undefined;
      forEach(batch, context, (view, parent, index) => {
        seen = own.get(view, parent, index);
        setTo(to);
        const isOfOthers = is === null && context === 'datapoint' && /^datapoint\.[a-z_.]+$/.test(path);
        if (isOfOthers) expect(() => program.run(view, parent, index)).toThrow('has no such field');
        else program.run(view, parent, index);
        after = own.get(view, parent, index);
      });
      expect(seen).toEqual(is);
      if (!path.includes('.cache')) expect(after).toEqual(reads);
      expect(decodeJson(signal, batch.chunks)).toEqual(expectedAfter(decodeJson(signal, [bytes]), at, plain));
    },
  );
});

test('no path of any context is without a row', () => {
  const parts = ['data_points', 'events', 'links', 'status', 'exemplars', 'quantile_values', 'positive', 'negative'];
  const tested = new Set(
    suites.flatMap(([context, , { rows }]) => rows.map(([path]) => `${context} ${path.replace(/\[.*/, '')}`)),
  );
  // Those of profiles have a table of their own.
  const contexts = Object.values(CONTEXTS).filter(({ name }) => !name.startsWith('profile'));
  const missing = contexts.flatMap(({ name, levels }) =>
    Object.entries(levels)
      .filter(([prefix]) => prefix === name)
      .flatMap(([prefix, list]) =>
        list.flatMap(({ paths }) => Object.keys(paths).map((path) => `${name} ${prefix}.${path}`)),
      )
      .filter((each) => !tested.has(each) && !parts.some((part) => each.endsWith(`.${part}`))),
  );
  expect(missing).toEqual(['spanevent spanevent.event_index']);
});
