import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf, ManualClock, type TestExporter } from '@millrace/testkit';

type Json = string | number | boolean;
type Attributes = Readonly<Record<string, Json>>;

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string; readonly boolValue?: boolean };
}

/** A data point as OTLP/JSON has it. */
export interface Point {
  readonly attributes: readonly KeyValue[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asInt?: string;
  readonly count?: string;
  readonly sum?: number;
  readonly explicitBounds?: readonly number[];
  readonly bucketCounts?: readonly string[];
  readonly scale?: number;
  readonly positive?: { readonly offset: number; readonly bucketCounts: readonly string[] };
  readonly exemplars?: readonly { readonly traceId: string; readonly asDouble: number }[];
}

interface Data {
  readonly dataPoints: readonly Point[];
}

interface Metric {
  readonly name: string;
  readonly unit?: string;
  readonly sum?: Data;
  readonly histogram?: Data;
  readonly exponentialHistogram?: Data;
}

export interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string };
      readonly metrics: readonly Metric[];
    }[];
  }[];
}

/** A running collector with the connector between traces and metrics. */
export interface Rig {
  readonly out: TestExporter;
  /** What has arrived. */
  readonly requests: readonly MetricsRequest[];
  send(request: Uint8Array): Promise<void>;
  /** Lets a minute go by. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export async function rigOf(settings: string, threads = 0): Promise<Rig> {
  const clock = new ManualClock();
  const yaml = `
receivers: { test/in: }
connectors: { spanmetrics: ${settings} }
exporters: { test/out: }
service:
  pipelines:
    traces: { receivers: [test/in], exporters: [spanmetrics] }
    metrics: { receivers: [spanmetrics], exporters: [test/out] }
`;
  const collector = await collectorOf(yaml, { plugins: [new URL('../index.ts', import.meta.url)], clock, threads });
  return {
    out: collector.out(),
    get requests() {
      return collector.out().accepted.map(({ bytes }) => {
        return JSON.parse(Buffer.from(protoToJson('metrics', bytes)).toString()) as MetricsRequest;
      });
    },
    async send(request) {
      await collector.in().send('traces', request);
    },
    flush: () => clock.advance(60_000),
    async stop() {
      await collector.shutdown();
    },
  };
}

/** A span that lasts `ms`, as OTLP/JSON. */
export function span(fields: {
  readonly name?: string;
  readonly kind?: number;
  readonly ms?: number;
  readonly status?: number;
  readonly attributes?: Attributes;
  readonly events?: readonly Attributes[];
  readonly traceId?: string;
  readonly traceState?: string;
}): object {
  const { name = 'work', kind = 1, ms = 1, status = 0, attributes = {}, events = [], traceState = '' } = fields;
  const start = 1_700_000_000_000_000_000n;
  return {
    traceId: fields.traceId ?? '0123456789abcdef0123456789abcdef',
    spanId: '0123456789abcdef',
    traceState,
    name,
    kind,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + BigInt(Math.round(ms * 1e6))),
    attributes: keyValues(attributes),
    events: events.map((each) => ({ name: 'exception', attributes: keyValues(each) })),
    status: { code: status },
  };
}

/** An export request of spans of one scope. */
export function traces(
  spans: readonly object[],
  {
    resource = { 'service.name': 'shop' },
    scope = {},
  }: { readonly resource?: Attributes; readonly scope?: object } = {},
): Uint8Array {
  const resourceSpans = [{ resource: { attributes: keyValues(resource) }, scopeSpans: [{ scope, spans }] }];
  return jsonToProto('traces', JSON.stringify({ resourceSpans }));
}

/** The points of a metric, of all resources. */
export function pointsOf({ resourceMetrics }: MetricsRequest, name: string): readonly Point[] {
  return resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .filter((metric) => metric.name === name)
    .flatMap(
      ({ sum, histogram, exponentialHistogram }) => (sum ?? histogram ?? exponentialHistogram)?.dataPoints ?? [],
    );
}

export function attributesOf({ attributes }: { readonly attributes: readonly KeyValue[] }): Record<string, Json> {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, boolValue } }) => {
      return [key, stringValue ?? boolValue ?? Number(intValue)];
    }),
  );
}

function keyValues(attributes: Attributes): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => {
    if (typeof value === 'string') return { key, value: { stringValue: value } };
    return { key, value: typeof value === 'boolean' ? { boolValue: value } : { intValue: String(value) } };
  });
}
