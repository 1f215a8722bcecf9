import * as grpc from '@grpc/grpc-js';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, ValueType } from '@opentelemetry/api';
import { OTLPLogExporter as LogsOverGrpc } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as LogsAsJson } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as LogsAsProto } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as MetricsOverGrpc } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as MetricsAsJson } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as MetricsAsProto } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as TracesOverGrpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as TracesAsJson } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as TracesAsProto } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import {
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Item } from './otlp-items.ts';
import { itemsOfLogs, itemsOfMetrics, itemsOfSpans } from './sdk-items.ts';

export const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface SenderSettings {
  readonly protocol: Protocol;
  readonly gzip: boolean;
  /** `http://127.0.0.1:4318`. */
  readonly http: string;
  /** `127.0.0.1:4317`. */
  readonly grpc: string;
  /** All by default. */
  readonly signals?: ReadonlySet<keyof Sent>;
}

/** What the SDK handed to its exporters, after the receiver took all of it. */
export interface Sent {
  readonly logs: readonly Item[];
  readonly traces: readonly Item[];
  readonly metrics: readonly Item[];
}

interface Exporters {
  readonly logs: LogRecordExporter;
  readonly traces: SpanExporter;
  readonly metrics: PushMetricExporter;
}

/** Has the official SDK make and send telemetry of all kinds. Rejects when a single export fails. */
export function sendWithSdk(settings: SenderSettings): Promise<Sent> {
  const name = `checkout ${settings.protocol} ${settings.gzip ? 'gzip' : 'plain'}`;
  return sendThrough(exportersFor(settings), name, settings.signals);
}

/** The same through these exporters. */
export async function sendThrough(
  exporters: Exporters,
  serviceName: string,
  signals: ReadonlySet<keyof Sent> = new Set(['logs', 'traces', 'metrics']),
): Promise<Sent> {
  const resource = resourceFromAttributes({
    'service.name': serviceName,
    'service.instance.id': 7,
    'host.tags': ['blue', 'grün', '漢字 🎉'],
    weight: 0.1,
  });
  const sent = { logs: [] as Item[], traces: [] as Item[], metrics: [] as Item[] };
  if (signals.has('logs')) await makeLogs(watch(exporters.logs, itemsOfLogs, sent.logs), resource);
  if (signals.has('traces')) await makeSpans(watch(exporters.traces, itemsOfSpans, sent.traces), resource);
  if (signals.has('metrics')) await makeMetrics(watch(exporters.metrics, itemsOfMetrics, sent.metrics), resource);
  return sent;
}

/** The same exporter, except that what it delivers is noted as items, and what it cannot deliver throws in `forceFlush`. */
function watch<T, E extends { export(batch: T, done: (result: { code: number; error?: Error }) => void): void }>(
  exporter: E,
  convert: (batch: T) => readonly Item[],
  into: Item[],
): E & { readonly failures: Error[] } {
  const failures: Error[] = [];
  return new Proxy(exporter, {
    get(target, property) {
      if (property === 'failures') return failures;
      const value = Reflect.get(target, property) as unknown;
      if (property !== 'export') return typeof value === 'function' ? value.bind(target) : value;
      return (batch: T, done: (result: { code: number; error?: Error }) => void) =>
        target.export(batch, (result) => {
          if (result.code === 0) into.push(...convert(batch));
          else failures.push(result.error ?? new Error(`export failed with ${result.code}`));
          done(result);
        });
    },
  }) as E & { readonly failures: Error[] };
}

function exportersFor({ protocol, gzip, http, grpc: address }: SenderSettings): Exporters {
  const common = { timeoutMillis: 20_000, compression: (gzip ? 'gzip' : 'none') as never };
  const to = (signal: string) => ({ ...common, url: `${http}/v1/${signal}` });
  if (protocol === 'http/json') {
    return {
      logs: new LogsAsJson(to('logs')),
      traces: new TracesAsJson(to('traces')),
      metrics: new MetricsAsJson(to('metrics')),
    };
  }
  if (protocol === 'http/protobuf') {
    return {
      logs: new LogsAsProto(to('logs')),
      traces: new TracesAsProto(to('traces')),
      metrics: new MetricsAsProto(to('metrics')),
    };
  }
  const options = { ...common, url: `http://${address}`, credentials: grpc.credentials.createInsecure() };
  return {
    logs: new LogsOverGrpc(options),
    traces: new TracesOverGrpc(options),
    metrics: new MetricsOverGrpc(options),
  };
}

const TRACE_ID = '5b8efff798038103d269b633813fc60c';

async function makeLogs(exporter: LogRecordExporter & { failures: Error[] }, resource: Resource): Promise<void> {
  const provider = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter, maxExportBatchSize: 16 })],
  });
  const cart = provider.getLogger('cart', '1.2.3', { schemaUrl: 'https://opentelemetry.io/schemas/1.30.0' });
  const bare = provider.getLogger('bare');
  const bodies = [
    'plain text',
    '',
    'with "quotes", \\, \n newline, ünïcödé and 🎉',
    12,
    -2.5,
    9_007_199_254_740_991,
    true,
    false,
    ['a', 1, [true]],
    { nested: { list: [1, 'two', { three: 3.5 }], empty: {}, text: '' } },
    new Uint8Array([0, 1, 127, 128, 255]),
  ];
  bodies.forEach((body, index) => {
    (index % 3 === 2 ? bare : cart).emit({
      body,
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- its names are in a package that the SDK brings along
      severityNumber: index + 1,
      severityText: ['TRACE', 'INFO', 'FATAL'][index % 3],
      timestamp: [1_700_000_000 + index, 123_456_789],
      observedTimestamp: [1_700_000_001 + index, 1],
      attributes: { index, ratio: index + 0.25, ok: index % 2 === 0, tags: ['x', `${index}`], 'empty.text': '' },
      context: trace.setSpanContext(ROOT_CONTEXT, {
        traceId: TRACE_ID,
        spanId: `eee19b7ec3c1b17${index % 10}`,
        traceFlags: TraceFlags.SAMPLED,
      }),
    });
  });
  bare.emit({ eventName: 'cart.emptied' });
  for (let index = 0; index < 40; index++) cart.emit({ body: `line ${index}`, attributes: { 'line.number': index } });
  await provider.forceFlush();
  await provider.shutdown();
  throwFirst(exporter.failures);
}

async function makeSpans(exporter: SpanExporter & { failures: Error[] }, resource: Resource): Promise<void> {
  const provider = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
  const tracer = provider.getTracer('checkout', '0.1.0', { schemaUrl: 'https://opentelemetry.io/schemas/1.30.0' });
  const remote = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: TRACE_ID,
    spanId: 'eee19b7ec3c1b174',
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
  const root = tracer.startSpan(
    'POST /checkout',
    { kind: SpanKind.SERVER, attributes: { 'http.route': '/checkout', retries: 0 } },
    remote,
  );
  const child = tracer.startSpan(
    'SELECT',
    { kind: SpanKind.CLIENT, links: [{ context: root.spanContext(), attributes: { why: 'follows', weight: 0.5 } }] },
    trace.setSpan(ROOT_CONTEXT, root),
  );
  child.addEvent('row', { number: 1 }, [1_700_000_000, 5]);
  child.recordException(new Error('deadlock'));
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'deadlock detected' });
  child.end();
  root.addEvent('without attributes');
  root.setStatus({ code: SpanStatusCode.OK });
  root.end();
  for (const kind of [SpanKind.INTERNAL, SpanKind.PRODUCER, SpanKind.CONSUMER])
    tracer.startSpan(`kind ${kind}`, { kind, root: true }).end();
  await provider.forceFlush();
  await provider.shutdown();
  throwFirst(exporter.failures);
}

async function makeMetrics(exporter: PushMetricExporter & { failures: Error[] }, resource: Resource): Promise<void> {
  const provider = new MeterProvider({
    resource,
    views: [{ instrumentName: 'latency.exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
    // Long enough never to come by itself.
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
  });
  const meter = provider.getMeter('shop', '2.0.0');
  const orders = meter.createCounter('orders', {
    description: 'Orders placed',
    unit: '{order}',
    valueType: ValueType.INT,
  });
  orders.add(3, { country: 'de' });
  orders.add(4, { country: 'fr', express: true });
  meter.createCounter('revenue', { unit: 'EUR' }).add(17.25);
  meter.createUpDownCounter('carts', { valueType: ValueType.INT }).add(-5);
  meter.createObservableGauge('temperature').addCallback((result) => result.observe(-3.75, { room: 'cold' }));
  const latency = meter.createHistogram('latency', {
    unit: 'ms',
    advice: { explicitBucketBoundaries: [0, 5, 10, 100] },
  });
  const exponential = meter.createHistogram('latency.exponential', { unit: 'ms' });
  for (const value of [0, 0.5, 7, 7, 99, 1_000]) {
    latency.record(value, { route: '/' });
    exponential.record(value);
  }
  await provider.forceFlush();
  await provider.shutdown();
  throwFirst(exporter.failures);
}

function throwFirst(failures: readonly Error[]): void {
  if (failures[0] !== undefined) throw failures[0];
}
