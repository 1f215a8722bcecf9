import type { Signal } from '@millrace/api';
import { ByteWriter, jsonToProto } from '@millrace/otlp';
import { itemJson, requestJson, string } from './otlp-json.ts';
import { timeOfId } from './tagged-items.ts';

/** A batch to try a component with. Its items carry the ids `firstId`, `firstId + 1`, … (see `idsIn`). */
export interface Sample {
  readonly name: 'small' | 'typical' | 'odd';
  readonly bytes: Uint8Array;
  readonly ids: readonly number[];
}

/**
 * Export requests of a signal: one with a single item; one as SDKs send them, with several resources and scopes; and
 * one that is allowed and rare: empty strings, nested values, extremes of int64, NaN, fields that OTLP does not know,
 * empty resources and scopes.
 */
export function samplesOf(signal: Signal, firstId = 0): readonly Sample[] {
  return [small(signal, firstId), typical(signal, firstId + 1), odd(signal, firstId + 21)];
}

function small(signal: Signal, firstId: number): Sample {
  const json = requestJson(signal, [{ service: 'shop', scopes: [[itemOf(signal, firstId)]] }]);
  return { name: 'small', bytes: jsonToProto(signal, JSON.stringify(json)), ids: [firstId] };
}

function typical(signal: Signal, firstId: number): Sample {
  const ids = Array.from({ length: 20 }, (_, index) => firstId + index);
  const items = (from: number) => ids.slice(from, from + 5).map((id) => itemOf(signal, id));
  const json = requestJson(signal, [
    { service: 'shop', scopes: [items(0), items(5)] },
    { service: 'agent', scopes: [items(10), items(15)] },
  ]);
  return { name: 'typical', bytes: jsonToProto(signal, JSON.stringify(json)), ids };
}

function odd(signal: Signal, firstId: number): Sample {
  const ids = [firstId, firstId + 1, firstId + 2];
  const [first, second, third] = ids.map((id) => itemOf(signal, id)) as [object, object, object];
  const json = requestJson(signal, [
    { service: '', scopes: [[], [{ ...first, ...oddities(signal, first) }]] },
    { service: 'nobody', scopes: [] },
    { service: '😀 ünï\u0000cödé', scopes: [[second, bare(signal, third)]] },
  ]);
  const known = jsonToProto(signal, JSON.stringify(json));
  const out = new ByteWriter();
  out.append(known);
  // A field that no version of OTLP has; receivers keep or drop it, nobody may stumble over it.
  out.stringField(9_999, 'from the future');
  return { name: 'odd', bytes: out.take().slice(), ids };
}

function itemOf(signal: Signal, id: number): object {
  return itemJson(signal, { time: timeOfId(id), index: id, padding: '' });
}

/** Attributes that items seldom have. Profiles refer to a dictionary instead. */
function oddities(signal: Signal, item: object): object {
  if (signal === 'profiles') return {};
  const nested = {
    kvlistValue: { values: [{ key: '', value: { arrayValue: { values: [{ doubleValue: 'NaN' }, {}] } } }] },
  };
  const attributes = [
    string('', ''),
    { key: 'min', value: { intValue: '-9223372036854775808' } },
    { key: 'max', value: { intValue: '9223372036854775807' } },
    { key: 'deep', value: nested },
    { key: 'bytes', value: { bytesValue: 'AP8=' } },
    { key: 'nothing', value: {} },
    { key: 'infinite', value: { doubleValue: '-Infinity' } },
  ];
  if (signal !== 'metrics') return { attributes };
  const [type, data] = Object.entries(item).find(([, value]) => isData(value)) as [string, { dataPoints: object[] }];
  return { [type]: { ...data, dataPoints: data.dataPoints.map((point) => ({ ...point, attributes })) } };
}

function isData(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'dataPoints' in value;
}

/** An item with next to nothing in it but what identifies it. */
function bare(signal: Signal, item: object): object {
  const { timeUnixNano, startTimeUnixNano, traceId, spanId } = item as Record<string, unknown>;
  if (signal === 'logs') return { timeUnixNano };
  if (signal === 'traces') return { startTimeUnixNano, traceId, spanId };
  return item;
}
