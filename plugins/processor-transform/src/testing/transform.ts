import type { Signal } from '@millrace/api';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf } from '@millrace/testkit';

export type TransformedSignal = Signal;

/** A collector in memory whose only processor is a transform with these settings. */
export async function collectorWith(settings: string, more = '') {
  const pipeline = '{ receivers: [test/in], processors: [transform], exporters: [test/out] }';
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `processors: { transform: ${settings} }`,
    `service: { pipelines: { logs: ${pipeline}, traces: ${pipeline}, metrics: ${pipeline}, profiles: ${pipeline} } }`,
    more,
  ].join('\n');
  return collectorOf(yaml, { plugins: [new URL('../index.ts', import.meta.url)] });
}

/** What becomes of a request, on the wire. */
export async function transformedBytes(
  settings: string,
  signal: TransformedSignal,
  request: Uint8Array,
): Promise<Uint8Array> {
  await using collector = await collectorWith(settings);
  await collector.in().send(signal, request);
  const [payload] = collector.out().accepted;
  return payload.bytes;
}

/** What becomes of an OTLP/JSON request. */
export async function transformed(settings: object, signal: TransformedSignal, request: object): Promise<unknown> {
  const bytes = await transformedBytes(JSON.stringify(settings), signal, toWire(signal, request));
  return JSON.parse(Buffer.from(protoToJson(signal, bytes)).toString());
}

export function toWire(signal: TransformedSignal, request: object): Uint8Array {
  return jsonToProto(signal, JSON.stringify(request));
}

interface KeyValue {
  readonly key: string;
  readonly value: object;
}

/** Attributes in OTLP/JSON: texts, whole numbers, truth values and empty ones. */
export function attributes(values: Readonly<Record<string, string | number | boolean | null>>): KeyValue[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : value === null
            ? {}
            : { intValue: String(value) },
  }));
}

/** A request with one record for each of `records`, in one scope of one resource. */
export function logs(resource: Readonly<Record<string, string>>, ...records: readonly object[]): object {
  return {
    resourceLogs: [
      { resource: { attributes: attributes(resource) }, scopeLogs: [{ scope: { name: 'lib' }, logRecords: records }] },
    ],
  };
}

export function spans(resource: Readonly<Record<string, string>>, ...list: readonly object[]): object {
  return {
    resourceSpans: [
      { resource: { attributes: attributes(resource) }, scopeSpans: [{ scope: { name: 'lib' }, spans: list }] },
    ],
  };
}

export function metrics(resource: Readonly<Record<string, string>>, ...list: readonly object[]): object {
  return {
    resourceMetrics: [
      { resource: { attributes: attributes(resource) }, scopeMetrics: [{ scope: { name: 'lib' }, metrics: list }] },
    ],
  };
}
