import type { Signal } from '@millrace/api';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf } from '@millrace/testkit';

/** A collector in memory whose only processor is a filter with these settings, with metrics. */
export async function collectorWith(settings: string) {
  const pipeline = '{ receivers: [test/in], processors: [filter], exporters: [test/out] }';
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `processors: { filter: ${settings} }`,
    `service: { pipelines: { logs: ${pipeline}, traces: ${pipeline}, metrics: ${pipeline}, profiles: ${pipeline} } }`,
  ].join('\n');
  return collectorOf(yaml, { plugins: [new URL('../index.ts', import.meta.url)] });
}

/** What is left of an OTLP/JSON request; undefined when nothing is. */
export async function filtered(settings: string, signal: Signal, request: object): Promise<unknown> {
  await using collector = await collectorWith(settings);
  await collector.in().send(signal, jsonToProto(signal, JSON.stringify(request)));
  const [payload] = collector.out().accepted;
  return payload === undefined ? undefined : JSON.parse(Buffer.from(protoToJson(signal, payload.bytes)).toString());
}

/** The values of `id` attributes anywhere in a request, in order. */
export function idsIn(request: unknown): string {
  return [...JSON.stringify(request ?? null).matchAll(/"id","value":\{"stringValue":"(\w+)"/g)]
    .map(([, id]) => id)
    .join(' ');
}
