import type { Batch, Signal } from '@millrace/api';
import {
  checksumOf,
  type DeadLetter,
  type DeadLetterDirectory,
  type DeadLetterHeader,
  deadLetterLine,
  type GivenUp,
  type Shipment,
} from '@millrace/delivery';
import { jsonToProto, protoToJson } from '@millrace/otlp';

/** Leaves what one component gives up in a directory. */
export class DirectoryDeadLetter implements DeadLetter {
  readonly isLocal = true;
  readonly #component: string;
  readonly #directory: DeadLetterDirectory;

  /** `component`: what gives the data up, as people say it: `exporter "otlphttp"`. */
  constructor(component: string, directory: DeadLetterDirectory) {
    this.#component = component;
    this.#directory = directory;
  }

  // oxlint-disable-next-line typescript/require-await -- what cannot be read, rejects.
  async keep(load: Shipment | Batch, why: GivenUp): Promise<void> {
    return this.#directory.append(lineOf(this.#component, load, why));
  }
}

/** Loads are OTLP: behind an exporter that encodes, a shipment says what it was made of. */
function lineOf(component: string, load: Shipment | Batch, why: GivenUp): Uint8Array {
  const { signal, items } = load;
  const bytes = otlpOf(load);
  const json = protoToJson(signal, bytes);
  const again = exactAgain(signal, bytes, json);
  const { error, attempts, firstMs, lastMs } = why;
  const header: DeadLetterHeader = {
    version: 1,
    component,
    signal,
    items,
    ...(error.failedItems === undefined || error.failedItems >= items ? {} : { rejected_items: error.failedItems }),
    reason: error.code,
    message: error.message,
    attempts,
    first_time: new Date(firstMs).toISOString(),
    last_time: new Date(lastMs).toISOString(),
    crc32: checksumOf(again ?? bytes),
    ...(again === undefined ? { payload: Buffer.from(bytes).toString('base64') } : {}),
  };
  return deadLetterLine(header, json);
}

/** The OTLP protobuf of a load in one piece. */
export function otlpOf(load: Shipment | Batch): Uint8Array {
  const batch = 'chunks' in load ? load : load.source;
  if (batch === undefined) return (load as Shipment).payload;
  return batch.chunks.length === 1 ? batch.chunks[0] : Buffer.concat(batch.chunks);
}

/**
 * What comes of the JSON; undefined where something is lacking in it. JSON knows no field that OTLP does not, and keeps no
 * field at its default: then it is shorter. Where only the order of fields differs, it is not.
 */
function exactAgain(signal: Signal, bytes: Uint8Array, json: Uint8Array): Uint8Array | undefined {
  const again = jsonToProto(signal, json);
  return again.length === bytes.length ? again : undefined;
}
