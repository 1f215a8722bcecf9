import { jsonToProto, TracesBatch } from '@millrace/otlp';
import { collectorOf, ManualClock } from '@millrace/testkit';

type Scalar = string | boolean | number | bigint | { readonly double: number };
type Attributes = Readonly<Record<string, Scalar>>;

/** A span as OTLP/JSON, its attributes written short: numbers are integers. */
export interface SpanJson {
  readonly attributes?: Attributes;
  readonly events?: readonly { readonly name?: string; readonly attributes?: Attributes }[];
  readonly [field: string]: unknown;
}

export interface TraceJson {
  readonly resource?: Attributes;
  readonly spans: readonly SpanJson[];
}

/** The id of the trace with this number. */
export function traceId(number: number): string {
  return (number + 1).toString(16).padStart(32, '0');
}

/** An export request; keys are numbers of traces. */
export function request(...traces: readonly (readonly [number: number, trace: TraceJson])[]): Uint8Array {
  const resourceSpans = traces.map(([number, { resource = {}, spans }]) => ({
    resource: { attributes: attributesJson(resource) },
    scopeSpans: [{ scope: { name: 'tests' }, spans: spans.map((span) => spanJson(number, span)) }],
  }));
  return jsonToProto('traces', JSON.stringify({ resourceSpans }));
}

function spanJson(number: number, { attributes = {}, events = [], ...rest }: SpanJson): object {
  return {
    traceId: traceId(number),
    spanId: '00000000000000aa',
    ...rest,
    attributes: attributesJson(attributes),
    events: events.map((event) => ({ ...event, attributes: attributesJson(event.attributes ?? {}) })),
  };
}

function attributesJson(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueJson(value) }));
}

function valueJson(value: Scalar): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'object':
      return { doubleValue: value.double };
    default:
      return { intValue: String(value) };
  }
}

/** The collector's plugin under test, with these settings in YAML's flow style. */
export async function collectorWith(settings: string, clock = new ManualClock()) {
  const pipeline = '{ receivers: [test/in], processors: [tail_sampling], exporters: [test/out] }';
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `processors: { tail_sampling: ${settings} }`,
    `service: { pipelines: { traces: ${pipeline} } }`,
  ].join('\n');
  return collectorOf(yaml, { plugins: [new URL('../index.ts', import.meta.url)], clock });
}

/** Which of the traces come out, all sent at once; `settings` stand beside `decision_wait`. */
export async function sampled(settings: string, traces: Readonly<Record<string, TraceJson>>): Promise<string[]> {
  const clock = new ManualClock();
  await using collector = await collectorWith(`{ decision_wait: 1s, ${settings} }`, clock);
  const names = Object.keys(traces);
  await collector.in().send('traces', request(...names.map((name, index) => [index, traces[name]] as const)));
  await clock.advance(1_000);
  for (let round = 0; round < 20; round++) await clock.settle();
  const ids = new Set(idsOf(collector.out().accepted.map(({ bytes }) => bytes)));
  return names.filter((_, index) => ids.has(traceId(index)));
}

/** The trace ids of all spans, in order. */
function idsOf(chunks: readonly Uint8Array[]): string[] {
  return Array.from(TracesBatch.of(chunks).spans, (span) => span.traceId);
}
