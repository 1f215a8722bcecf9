import type { Signal } from '@millrace/api';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf } from '@millrace/testkit';

type RedactedSignal = Exclude<Signal, 'profiles'>;

/** A collector in memory whose only processor is a redaction with these settings. */
export async function collectorWith(settings: object) {
  const pipeline = '{ receivers: [test/in], processors: [redaction], exporters: [test/out] }';
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `processors: { redaction: ${JSON.stringify(settings)} }`,
    `service: { pipelines: { logs: ${pipeline}, traces: ${pipeline}, metrics: ${pipeline} } }`,
  ].join('\n');
  return collectorOf(yaml, { plugins: [new URL('../index.ts', import.meta.url)] });
}

/** What becomes of an OTLP/JSON request. */
export async function redact(settings: object, signal: RedactedSignal, request: object): Promise<unknown> {
  await using collector = await collectorWith(settings);
  await collector.in().send(signal, jsonToProto(signal, JSON.stringify(request)));
  const [payload] = collector.out().accepted;
  return JSON.parse(Buffer.from(protoToJson(signal, payload.bytes)).toString());
}

/** A log record with these attributes and this body, redacted. */
export async function redactRecord(
  settings: object,
  record: { readonly attributes?: object; readonly body?: unknown },
): Promise<{ readonly attributes: Record<string, unknown>; readonly body: unknown }> {
  const logRecord = { attributes: keyValues(record.attributes ?? {}), body: anyValue(record.body ?? null) };
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [logRecord] }] }] };
  const found = (await redact(settings, 'logs', request)) as {
    resourceLogs: { scopeLogs: { logRecords: { attributes?: KeyValue[]; body?: object }[] }[] }[];
  };
  const [after] = found.resourceLogs[0].scopeLogs[0].logRecords;
  return { attributes: plainAttributes(after.attributes ?? []), body: plain(after.body ?? {}) };
}

interface KeyValue {
  readonly key: string;
  readonly value: object;
}

/** OTLP/JSON of attributes: whole numbers are ints, others doubles. */
export function keyValues(attributes: object): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

export function anyValue(value: unknown): object {
  if (value === null) return {};
  if (Array.isArray(value)) return { arrayValue: { values: value.map((each) => anyValue(each)) } };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number' && !Number.isInteger(value)) return { doubleValue: value };
  if (typeof value === 'number' || typeof value === 'bigint') return { intValue: String(value) };
  return { kvlistValue: { values: keyValues(value as object) } };
}

export function plainAttributes(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: object): unknown {
  const [entry] = Object.entries(value) as [string, unknown][];
  if (entry === undefined) return null;
  const [kind, content] = entry;
  if (kind === 'intValue') return Number(content);
  if (kind === 'arrayValue') return ((content as { values?: object[] }).values ?? []).map((each) => plain(each));
  if (kind === 'kvlistValue') return plainAttributes((content as { values?: KeyValue[] }).values ?? []);
  return content;
}
