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
import { countItems, jsonToProto, protoToJson, splitChunks } from '@millrace/otlp';

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

  async keep(load: Shipment | Batch, why: GivenUp): Promise<void> {
    const { signal, items } = load;
    await this.#append({ signal, items, bytes: otlpOf(load) }, why);
  }

  /**
   * What is larger than all of the directory may be comes in several entries where the oldest make room; else it could never
   * be there as a whole, and is refused.
   */
  async #append(content: Content, why: GivenUp): Promise<void> {
    const line = lineOf(this.#component, content, why);
    const { bytesMax, dropsOldest } = this.#directory;
    const halves = line.length > bytesMax && dropsOldest ? halvesOf(content) : [];
    if (halves.length < 2) return this.#directory.append(line);
    for (const half of halves) await this.#append(half, why);
  }
}

/** OTLP that was given up. */
interface Content {
  readonly signal: Signal;
  readonly items: number;
  readonly bytes: Uint8Array;
}

function halvesOf({ signal, items, bytes }: Content): readonly Content[] {
  // Profiles share a dictionary, and are never cut.
  if (items < 2 || signal === 'profiles') return [];
  const parts = splitChunks(signal, [bytes], { itemsMax: Math.ceil(items / 2) });
  return parts.map((chunks) => {
    const joined = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    return { signal, items: countItems(signal, joined), bytes: joined };
  });
}

/** Loads are OTLP: behind an exporter that encodes, a shipment says what it was made of. */
function lineOf(component: string, { signal, items, bytes }: Content, why: GivenUp): Uint8Array {
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
