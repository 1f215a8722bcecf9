/** Rewrites protobuf bytes into another, equally valid wire form of the same message. For tests only. */
import protobuf from 'protobufjs';
import { messageType } from './oracle.ts';

export interface RewireSettings {
  /** Chance (0 to 1) that a field is written in an unusual form. */
  readonly chance: number;
  /** Adds fields that no OTLP message knows. */
  readonly unknownFields: boolean;
  /** Writes singular submessages in two pieces, which a reader must merge: not the canonical shape. */
  readonly splitSingular: boolean;
}

/**
 * The same message with padded varints (tags, lengths, values), repeated scalars packed or not, fields in another order
 * (repeated ones keep theirs), and, when asked, unknown fields and singular messages in two pieces. Equal seeds give equal bytes.
 */
export function rewire(name: string, bytes: Uint8Array, seed: number, settings: RewireSettings): Uint8Array {
  return Uint8Array.from(rewireMessage(messageType(name), bytes, randomFrom(seed), settings));
}

type Random = () => number;

const basicWireTypes: Readonly<Record<string, number>> = protobuf.types.basic;
const isPackable = (type: string): boolean => Object.hasOwn(protobuf.types.packed, type);

interface WireField {
  readonly number: number;
  readonly wire: number;
  readonly payload: number[];
}

function rewireMessage(type: protobuf.Type, bytes: Uint8Array, random: Random, settings: RewireSettings): number[] {
  const groups = new Map<number, number[][]>();
  const unusual = (): boolean => random() < settings.chance;
  for (const field of readFields(bytes)) {
    const known = type.fieldsById[field.number] as protobuf.Field | undefined;
    const out: number[][] = groups.get(field.number) ?? [];
    groups.set(field.number, out);
    if (known?.resolvedType instanceof protobuf.Type) {
      let body = rewireMessage(known.resolvedType, Uint8Array.from(field.payload), random, settings);
      if (settings.splitSingular && !known.repeated && unusual()) {
        const pieces = splitFields(body, random);
        out.push([...tag(field.number, 2, unusual), ...lengthDelimited(pieces[0], unusual)]);
        body = pieces[1];
      }
      out.push([...tag(field.number, 2, unusual), ...lengthDelimited(body, unusual)]);
    } else if (known?.repeated && field.wire === 2 && isPackable(known.type) && unusual()) {
      const wire = basicWireTypes[known.type];
      for (const element of unpack(wire, field.payload)) out.push([...tag(field.number, wire, unusual), ...element]);
    } else if (field.wire === 2) {
      out.push([...tag(field.number, 2, unusual), ...lengthDelimited(field.payload, unusual)]);
    } else {
      const payload = field.wire === 0 && unusual() ? pad(field.payload, 10, random) : field.payload;
      out.push([...tag(field.number, field.wire, unusual), ...payload]);
    }
  }
  const pieces = shuffleGroups([...groups.values()], random, settings.chance);
  if (settings.unknownFields && unusual())
    pieces.splice(Math.floor(random() * (pieces.length + 1)), 0, unknown(random));
  return pieces.flat();
}

function readFields(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    const wire = key & 7;
    let start = reader.pos;
    if (wire === 2) {
      const length = reader.uint32();
      start = reader.pos;
      reader.skip(length);
    } else {
      reader.skipType(wire, 0, key >>> 3);
    }
    fields.push({ number: key >>> 3, wire, payload: [...bytes.subarray(start, reader.pos)] });
  }
  return fields;
}

/** Cuts a message at a field boundary. */
function splitFields(body: number[], random: Random): [number[], number[]] {
  const reader = protobuf.Reader.create(Uint8Array.from(body));
  const cuts = [0];
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    reader.skipType(key & 7, 0, key >>> 3);
    cuts.push(reader.pos);
  }
  const cut = cuts[Math.floor(random() * cuts.length)];
  return [body.slice(0, cut), body.slice(cut)];
}

function unpack(wire: number, payload: number[]): number[][] {
  const size = wire === 1 ? 8 : wire === 5 ? 4 : 0;
  const elements: number[][] = [];
  let start = 0;
  for (let at = 0; at < payload.length; at++) {
    const ends = size === 0 ? payload[at] < 0x80 : at - start === size - 1;
    if (!ends) continue;
    elements.push(payload.slice(start, at + 1));
    start = at + 1;
  }
  return elements;
}

const tag = (field: number, wire: number, unusual: () => boolean): number[] =>
  unusual() ? pad(varint(field * 8 + wire), 5, () => 0.5) : varint(field * 8 + wire);

const lengthDelimited = (payload: number[], unusual: () => boolean): number[] =>
  (unusual() ? pad(varint(payload.length), 5, () => 0.99) : varint(payload.length)).concat(payload);

function varint(value: number): number[] {
  const out: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) out.push((value % 128) | 0x80);
  out.push(value);
  return out;
}

/** Lengthens a varint with empty groups of seven bits. */
function pad(encoded: number[], lengthMax: number, random: Random): number[] {
  const extra = Math.floor(random() * (lengthMax - encoded.length + 1));
  if (extra === 0) return encoded;
  const padding = Array.from({ length: extra }, (_, i) => (i === extra - 1 ? 0 : 0x80));
  return [...encoded.slice(0, -1), encoded[encoded.length - 1] | 0x80, ...padding];
}

function unknown(random: Random): number[] {
  const field = [900, 5000, 536_870_911][Math.floor(random() * 3)];
  const forms: [number, number[]][] = [
    [0, [0xff, 0x01]],
    [1, [1, 2, 3, 4, 5, 6, 7, 8]],
    [2, [3, 0xff, 0xfe, 0xfd]],
    [5, [9, 9, 9, 9]],
  ];
  const [wire, payload] = forms[Math.floor(random() * forms.length)];
  return [...varint(field * 8 + wire), ...payload];
}

/** Merges the groups in a random order; each keeps its own order, because repeated fields and pieces depend on it. */
function shuffleGroups(groups: number[][][], random: Random, chance: number): number[][] {
  if (random() >= chance) return groups.flat();
  const out: number[][] = [];
  const left = groups.filter((group) => group.length > 0).map((group) => group.slice());
  while (left.length > 0) {
    const at = Math.floor(random() * left.length);
    out.push(left[at].shift() as number[]);
    if (left[at].length === 0) left.splice(at, 1);
  }
  return out;
}

/** mulberry32: enough randomness for tests, the same on every machine. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
