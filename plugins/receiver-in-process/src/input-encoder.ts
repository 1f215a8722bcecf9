import { permanent, type Signal } from '@millrace/api';
import { ByteWriter, jsonToProto } from '@millrace/otlp';
import type { Origin } from './input.ts';

const JSON_KEYS: Readonly<Record<Signal, string>> = {
  logs: 'resourceLogs',
  traces: 'resourceSpans',
  metrics: 'resourceMetrics',
  profiles: 'resourceProfiles',
};

/** A buffer that grew beyond this is not kept for the next records. */
const KEPT_BYTES_MAX = 1024 * 1024;

/** Writes plain records as an OTLP export request. */
export type EncodeRecords<R> = (out: ByteWriter, records: readonly R[], origin: Origin) => void;

/** Makes OTLP protobuf of what a program passes; reuses its buffer. */
export class InputEncoder {
  #out = new ByteWriter();

  /**
   * An export request, valid until the next call. Bytes pass through: the pipeline validates them.
   * @throws whatever is wrong with the input.
   */
  encode<R>(
    signal: Signal,
    input: Uint8Array | object | readonly R[],
    origin?: Origin,
    encodeRecords?: EncodeRecords<R>,
  ): Uint8Array {
    if (input instanceof Uint8Array) return input;
    if (Array.isArray(input) && encodeRecords !== undefined) {
      return this.#records(input as readonly R[], origin ?? {}, encodeRecords);
    }
    if (typeof input === 'object' && input !== null && JSON_KEYS[signal] in input) {
      return jsonToProto(signal, JSON.stringify(input, bigintsAsText));
    }
    const records = encodeRecords === undefined ? '' : ', an array of records';
    throw permanent(`${signal} must be OTLP protobuf bytes, an object with ${JSON_KEYS[signal]}${records}`, {
      code: 'INVALID_INPUT',
    });
  }

  #records<R>(records: readonly R[], origin: Origin, encodeRecords: EncodeRecords<R>): Uint8Array {
    if (this.#out.bytes.length > KEPT_BYTES_MAX) this.#out = new ByteWriter();
    this.#out.length = 0;
    encodeRecords(this.#out, records, origin);
    return this.#out.view();
  }
}

/** OTLP/JSON writes 64-bit integers as text. */
function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
