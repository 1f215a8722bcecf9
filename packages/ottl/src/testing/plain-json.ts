import { jsonToProto, protoToJson, type Signal } from '@millrace/otlp';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * Requests as objects, through OTLP/JSON: it is written and read without any of the views that statements run on. 64-bit integers
 * are bigint, ids and bytes are Uint8Array.
 */
export function encodePlain(signal: Signal, request: unknown): Uint8Array {
  return jsonToProto(signal, JSON.stringify(plainToJson(request)));
}

/** The request as JSON: what `plainToJson` makes of its object. */
export function decodeJson(signal: Signal, chunks: readonly Uint8Array[]): Record<string, Json> {
  return JSON.parse(Buffer.from(protoToJson(signal, chunks)).toString()) as Record<string, Json>;
}

export function plainToJson(value: unknown, name = ''): Json {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString(name === 'bytesValue' ? 'base64' : 'hex');
  if (Array.isArray(value)) return value.map((each) => plainToJson(each));
  if (typeof value !== 'object' || value === null) return value as Json;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([key, each]) => [key, plainToJson(each, key)]),
  );
}
