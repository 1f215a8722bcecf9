import { permanent, type Signal } from '@millrace/api';
import { jsonToProto } from '@millrace/otlp';
import type { Origin } from './input.ts';

const JSON_KEYS: Readonly<Record<Signal, string>> = {
  logs: 'resourceLogs',
  traces: 'resourceSpans',
  metrics: 'resourceMetrics',
  profiles: 'resourceProfiles',
};

/**
 * The OTLP protobuf bytes of what a program passes. Bytes pass through: the pipeline validates them.
 * @throws whatever is wrong with it.
 */
export function encodeInput<R>(
  signal: Signal,
  input: Uint8Array | object | readonly R[],
  origin?: Origin,
  encode?: (records: readonly R[], origin: Origin) => Uint8Array,
): Uint8Array {
  if (input instanceof Uint8Array) return input;
  if (Array.isArray(input) && encode !== undefined) return encode(input as readonly R[], origin ?? {});
  if (typeof input === 'object' && input !== null && JSON_KEYS[signal] in input) {
    return jsonToProto(signal, JSON.stringify(input, bigintsAsText));
  }
  const records = encode === undefined ? '' : ', an array of records';
  throw permanent(`${signal} must be OTLP protobuf bytes, an object with ${JSON_KEYS[signal]}${records}`, {
    code: 'INVALID_INPUT',
  });
}

/** OTLP/JSON writes 64-bit integers as text. */
function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
