import type { Signal } from '@millrace/api';

/** Signals whose items the simulation sends. */
export type SimulatedSignal = Extract<Signal, 'logs' | 'traces'>;

/** An item as a destination got it. */
export interface ArrivedItem {
  /** -1 where it cannot even be told which one it was. */
  readonly id: number;
  /** Whether every byte of it, and what its resource had, is as it was sent. */
  readonly intact: boolean;
  /** What was added to its resource. */
  readonly labels: ReadonlyMap<string, string>;
}

/** An item's id is in its time: so many nanoseconds after this. Field and offset are the same for all items of a signal. */
const FIRST_NANO = 1_700_000_000_000_000_000n;
const LARGE_EVERY = 60;

const ATTRIBUTE = ['service.name', 'simulation'] as const;
/** Words that stand in every request. */
export const IN_EVERY_REQUEST = ATTRIBUTE[1];
const RESOURCE = message(
  1,
  message(1, Buffer.concat([message(1, text(ATTRIBUTE[0])), message(2, message(1, text(ATTRIBUTE[1])))])),
);

/** The time that tells an item's id, in nanoseconds since the Unix epoch. */
export function idOfNano(nano: bigint): number {
  return Number(nano - FIRST_NANO);
}

/** An export request with one item for each id, written by hand: what writes here must not be what is under test. */
export function requestOf(signal: SimulatedSignal, ids: readonly number[]): Uint8Array {
  const items = ids.map((id) => message(2, itemOf(signal, id)));
  return new Uint8Array(message(1, Buffer.concat([RESOURCE, message(2, Buffer.concat(items))])));
}

/** The items in an export request. Throws where it is no such thing. */
export function itemsIn(signal: SimulatedSignal, request: Uint8Array): ArrivedItem[] {
  const found: ArrivedItem[] = [];
  for (const resource of fieldsOf(Buffer.from(request), 1)) {
    const labels = attributesOf(resource);
    const isKnown = labels.get(ATTRIBUTE[0]) === ATTRIBUTE[1];
    labels.delete(ATTRIBUTE[0]);
    for (const scope of fieldsOf(resource, 2)) {
      for (const item of fieldsOf(scope, 2)) {
        const id = item.length < 9 ? -1 : idOfNano(item.readBigUInt64LE(1));
        found.push({ id, labels, intact: isKnown && id >= 0 && item.equals(itemOf(signal, id)) });
      }
    }
  }
  return found;
}

/** Attributes of a resource, which all are texts. */
function attributesOf(resourceItems: Buffer): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const resource of fieldsOf(resourceItems, 1)) {
    for (const attribute of fieldsOf(resource, 1)) {
      const [key] = fieldsOf(attribute, 1);
      const [value] = fieldsOf(attribute, 2);
      attributes.set(String(key), value === undefined ? '' : String([...fieldsOf(value, 1)][0]));
    }
  }
  return attributes;
}

/** Every item is made, and compared with what arrived, many times. */
const MADE = { logs: new Map<number, Buffer>(), traces: new Map<number, Buffer>() };

function itemOf(signal: SimulatedSignal, id: number): Buffer {
  const known = MADE[signal].get(id);
  if (known !== undefined) return known;
  const made = newItem(signal, id);
  MADE[signal].set(id, made);
  return made;
}

function newItem(signal: SimulatedSignal, id: number): Buffer {
  const time = Buffer.alloc(9);
  time.writeUInt8(signal === 'logs' ? 0x09 : 0x39);
  time.writeBigUInt64LE(FIRST_NANO + BigInt(id), 1);
  const length = id % LARGE_EVERY === 0 ? 3000 : 10 + ((id * 37) % 150);
  const words = text(Array.from({ length }, (_, at) => String.fromCharCode(97 + ((id * 7 + at * 11) % 26))).join(''));
  if (signal === 'logs') return Buffer.concat([time, message(5, message(1, words))]);
  const ids = Buffer.alloc(24, 1);
  ids.writeUInt32LE(id + 1, 4);
  ids.writeUInt32LE(id + 1, 18);
  return Buffer.concat([time, message(1, ids.subarray(0, 16)), message(2, ids.subarray(16)), message(5, words)]);
}

function text(content: string): Buffer {
  return Buffer.from(content);
}

/** A length-delimited field. */
function message(field: number, content: Buffer): Buffer {
  const head = [(field << 3) | 2];
  let length = content.length;
  for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...head, length]), content]);
}

/** The length-delimited fields of a number; no others may stand there than such. */
function* fieldsOf(content: Buffer, wanted: number): Iterable<Buffer> {
  for (let at = 0; at < content.length;) {
    const tag = content[at++];
    if ((tag & 7) !== 2) throw new Error(`unexpected tag ${tag}`);
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = content[at++];
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const end = at + length;
    if (end > content.length) throw new Error('a field reaches beyond the end');
    if (tag >>> 3 === wanted) yield content.subarray(at, end);
    at = end;
  }
}
