/**
 * The spanmetrics connector on 1,000 server spans with 10 attributes each, beside the same sums made on decoded objects:
 *
 *     node benchmarks/micro/spanmetrics.ts
 *
 * Ratios count, not absolutes.
 */
import { strictEqual } from 'node:assert';
import type { StatefulConnector } from '../../packages/api/src/index.ts';
import { TracesBatch } from '../../packages/otlp/src/index.ts';
import { encode, messageType, type Plain } from '../../packages/otlp/src/testing/oracle.ts';
import spanmetrics from '../../plugins/connector-spanmetrics/src/index.ts';
import { measure } from './measure.ts';
import { PlainBatch, PlainHost } from './plain-host.ts';

const SPANS = 1000;
const ROUTES = ['/api/cart', '/api/checkout', '/api/products/{id}', '/healthz'];

const text = (key: string, value: string): Plain => ({ key, value: { stringValue: value } });
const whole = (key: string, value: number): Plain => ({ key, value: { intValue: BigInt(value) } });

function span(i: number): Plain {
  const start = 1_760_000_000_000_000_000n + BigInt(i) * 1_000_003n;
  const method = i % 3 === 0 ? 'POST' : 'GET';
  const route = ROUTES[i % ROUTES.length];
  return {
    traceId: Buffer.from(i.toString(16).padStart(32, '1'), 'hex'),
    spanId: Buffer.from(i.toString(16).padStart(16, '2'), 'hex'),
    parentSpanId: Buffer.from('0123456789abcdef', 'hex'),
    name: `${method} ${route}`,
    kind: 2,
    startTimeUnixNano: start,
    endTimeUnixNano: start + BigInt(800_000 + ((i * 7919) % 90_000_000)),
    attributes: [
      text('http.request.method', method),
      text('url.path', `/api/products/${(i * 104_729) % 100_000}`),
      text('url.scheme', 'https'),
      text('server.address', 'shop.example.com'),
      whole('server.port', 443),
      text('user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'),
      text('client.address', `10.${i % 256}.${(i * 7) % 256}.${(i * 13) % 256}`),
      text('network.protocol.version', '1.1'),
      text('http.route', route),
      whole('http.response.status_code', i % 50 === 0 ? 500 : 200),
    ],
    status: i % 50 === 0 ? { code: 2 } : {},
  };
}

const request = encode('traces', {
  resourceSpans: [
    {
      resource: { attributes: [text('service.name', 'shop'), text('host.name', 'a1'), text('service.version', '1.2')] },
      scopeSpans: [{ scope: { name: 'http' }, spans: Array.from({ length: SPANS }, (_, i) => span(i)) }],
    },
  ],
});

const host = new PlainHost('traces', 'metrics');

type Config = Parameters<NonNullable<typeof spanmetrics.stateful>['create']>[0];

const defaults: Config = {
  histogram: { disable: false, unit: 'ms', dimensions: [] },
  dimensions: [],
  calls_dimensions: [],
  exclude_dimensions: [],
  resource_metrics_cache_size: 1000,
  resource_metrics_key_attributes: [],
  aggregation_temporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
  metrics_flush_interval: 60_000,
  metrics_expiration: 0,
  series_expiration: 0,
  metric_timestamp_cache_size: 1000,
  namespace: 'traces.span.metrics',
  exemplars: { enabled: false, max_per_data_point: 5 },
  events: { enabled: false, dimensions: [] },
  include_instrumentation_scope: [],
  aggregation_cardinality_limit: 0,
  series_limit: 100_000,
  add_resource_attributes: false,
  enable_metrics_sampling_method: false,
};

const batch = new PlainBatch('traces', [request]);

function counting(settings: Partial<Config>): { readonly connector: StatefulConnector; readonly run: () => void } {
  const connector = spanmetrics.stateful!.create({ ...defaults, ...settings }, host);
  return { connector, run: () => void connector.consume(batch) };
}

const DIMENSIONS = [{ name: 'http.route' }, { name: 'http.response.status_code' }, { name: 'http.request.method' }];

interface Decoded {
  resourceSpans: {
    scopeSpans: {
      spans: {
        name: string;
        kind: number;
        startTimeUnixNano: { toString(): string };
        endTimeUnixNano: { toString(): string };
        status?: { code: number };
      }[];
    }[];
  }[];
}

const requestType = messageType('traces');
const sums = new Map<string, { count: number; sum: number }>();

function add(key: string, ms: number): void {
  const found = sums.get(key) ?? { count: 0, sum: 0 };
  found.count++;
  found.sum += ms;
  sums.set(key, found);
}

function onObjects(): void {
  const message = requestType.decode(request) as unknown as Decoded;
  for (const { scopeSpans } of message.resourceSpans)
    for (const { spans } of scopeSpans)
      for (const { name, kind, status, startTimeUnixNano: from, endTimeUnixNano: to } of spans)
        add(
          `shop\0${name}\0${kind}\0${status?.code ?? 0}`,
          Number(BigInt(to.toString()) - BigInt(from.toString())) / 1e6,
        );
}

function onViews(): void {
  for (const { name, kind, statusCode, startTimeUnixMs, endTimeUnixMs } of TracesBatch.of([request]).spans)
    add(`shop\0${name}\0${kind}\0${statusCode}`, endTimeUnixMs - startTimeUnixMs);
}

/** The sums must be right before they may be fast. */
const checked = counting({});
checked.run();
strictEqual(checked.connector.heldItems, SPANS);
onObjects();
const series = sums.size;
onViews();
strictEqual(sums.size, series);

console.log(`node ${process.version}; ${Math.round(request.length / SPANS)} bytes a span`);
measure('decoded objects: usual dimensions', SPANS, onObjects);
measure('views and string keys: usual dimensions', SPANS, onViews);
measure('spanmetrics: usual dimensions', SPANS, checked.run);
measure('spanmetrics: and three attributes', SPANS, counting({ dimensions: DIMENSIONS }).run);
measure(
  'spanmetrics: and exponential histograms',
  SPANS,
  counting({ histogram: { ...defaults.histogram, exponential: { max_size: 160 } } }).run,
);
measure(
  'spanmetrics: calls and durations of their own',
  SPANS,
  counting({ dimensions: DIMENSIONS, calls_dimensions: [{ name: 'server.port' }] }).run,
);
await checked.connector.shutdown();
if (host.passedItems === 0) console.log('nothing was passed on');
