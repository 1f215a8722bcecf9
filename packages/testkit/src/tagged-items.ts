import type { Signal } from '@millrace/api';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { itemJson, requestJson } from './otlp-json.ts';

/** An item's id is in its time, which hardly any processor touches: so many microseconds after this moment. */
const FIRST_NANO = 1_700_000_000_000_000_000n;
const NANO_PER_ID = 1_000n;

/** What an item without a readable id counts as. */
export const UNTAGGED = -1;

/** The time that marks an item, as OTLP/JSON writes it. */
export function timeOfId(id: number): string {
  return String(FIRST_NANO + BigInt(id) * NANO_PER_ID);
}

/** An export request with one item for each id; `paddingBytes` makes each item larger. */
export function taggedRequest(
  signal: Signal,
  ids: readonly number[],
  options: { readonly paddingBytes?: number } = {},
): Uint8Array {
  const padding = 'x'.repeat(options.paddingBytes ?? 0);
  const items = ids.map((id) => itemJson(signal, { time: timeOfId(id), index: id, padding }));
  return jsonToProto(signal, JSON.stringify(requestJson(signal, [{ service: 'testkit', scopes: [items] }])));
}

/** The ids in export requests, in order; {@link UNTAGGED} for items that nobody tagged. */
export function idsIn(signal: Signal, chunks: readonly Uint8Array[]): number[] {
  return chunks
    .flatMap((chunk) => timesIn(signal, JSON.parse(textOf(protoToJson(signal, chunk))) as Json))
    .map(idOfTime);
}

function textOf(json: Uint8Array): string {
  return Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8');
}

function idOfTime(time: string | undefined): number {
  if (time === undefined) return UNTAGGED;
  const nano = BigInt(time) - FIRST_NANO;
  return nano >= 0n && nano % NANO_PER_ID === 0n ? Number(nano / NANO_PER_ID) : UNTAGGED;
}

type Json = Readonly<Record<string, unknown>>;

const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : []);

function timesIn(signal: Signal, request: Json): (string | undefined)[] {
  const time = (item: Json, key: string) => item[key] as string | undefined;
  switch (signal) {
    case 'logs':
      return below(request, 'resourceLogs', 'scopeLogs', 'logRecords').map((item) => time(item, 'timeUnixNano'));
    case 'traces':
      return below(request, 'resourceSpans', 'scopeSpans', 'spans').map((item) => time(item, 'startTimeUnixNano'));
    case 'metrics':
      return below(request, 'resourceMetrics', 'scopeMetrics', 'metrics')
        .flatMap((metric) => Object.values(metric).flatMap((data) => list((data as Json | null)?.['dataPoints'])))
        .map((point) => time(point, 'timeUnixNano'));
    case 'profiles':
      return below(request, 'resourceProfiles', 'scopeProfiles', 'profiles')
        .flatMap((profile) => list(profile['samples']))
        .map((sample) => (sample['timestampsUnixNano'] as string[] | undefined)?.[0]);
  }
}

function below(request: Json, resources: string, scopes: string, items: string): readonly Json[] {
  return list(request[resources])
    .flatMap((resource) => list(resource[scopes]))
    .flatMap((scope) => list(scope[items]));
}
