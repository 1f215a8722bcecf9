import type { ClientContext, Signal } from '@millrace/api';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf } from '@millrace/testkit';

type MatchedSignal = Exclude<Signal, 'profiles'>;

/** A collector in memory whose only processor has the entry given, for the signals given. */
export async function collectorWith(entry: string, signals: readonly MatchedSignal[]) {
  const pipeline = `{ receivers: [test/in], processors: [${entry.split(':')[0]}], exporters: [test/out] }`;
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `processors:\n  ${entry.replaceAll('\n', '\n  ')}`,
    `service: { pipelines: { ${signals.map((signal) => `${signal}: ${pipeline}`).join(', ')} } }`,
  ].join('\n');
  return collectorOf(yaml, { plugins: [new URL('../index.ts', import.meta.url)] });
}

/** What becomes of an OTLP/JSON request on its way through the processor. */
export async function pass(
  entry: string,
  signal: MatchedSignal,
  request: object,
  sender?: ClientContext,
): Promise<unknown> {
  await using collector = await collectorWith(entry, [signal]);
  await collector.in().send(signal, jsonToProto(signal, JSON.stringify(request)), sender);
  const [payload] = collector.out().accepted;
  return JSON.parse(Buffer.from(protoToJson(signal, payload.bytes)).toString());
}
