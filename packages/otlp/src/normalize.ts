import { requestDescriptor } from './descriptors.ts';
import type { FieldDescriptor, MessageDescriptor } from './descriptors.ts';
import type { Signal } from './signal.ts';
import { ByteWriter } from './byte-writer.ts';
import { isOpaqueMessage } from './inspect.ts';
import { skipField, tagAt, varintEnd } from './wire.ts';

/** One field as it will be written: the ranges of a merged message are concatenated, everything else has one. */
interface Entry {
  readonly tag: number;
  readonly field: FieldDescriptor | undefined;
  /** The content without tag and length, in pieces. */
  pieces: Uint8Array[];
}

/**
 * Rewrites a valid request into canonical shape by protobuf's merge rules: of a scalar that occurs twice the last one counts,
 * pieces of a singular message are merged, of a oneof the last member counts, and tags are written as short as possible.
 * Unknown fields and the order of everything else stay.
 *
 * Rare: only for what `validate` accepts and does not find canonical. Returns new bytes; the input is only read.
 */
export function normalize(signal: Signal, bytes: Uint8Array): Uint8Array {
  const writer = new ByteWriter(undefined, bytes.length);
  writeMessage(requestDescriptor(signal), bytes, writer);
  return writer.take();
}

function writeMessage(message: MessageDescriptor, bytes: Uint8Array, writer: ByteWriter): void {
  for (const { tag, field, pieces } of entriesOf(message, bytes)) {
    writer.varint32(tag);
    if ((tag & 7) !== 2) {
      writer.append(pieces[0]);
      continue;
    }
    const mark = writer.open();
    if (field?.message === undefined) {
      writer.append(pieces[0]);
    } else if (isOpaqueMessage(field.message.name)) {
      for (const piece of pieces) writer.append(piece);
    } else {
      writeMessage(field.message, pieces.length === 1 ? pieces[0] : concat(pieces), writer);
    }
    writer.close(mark);
  }
}

function entriesOf(message: MessageDescriptor, bytes: Uint8Array): Entry[] {
  const entries: Entry[] = [];
  /** Where the field (or the oneof, as a negative number) stands in `entries`. */
  const places = new Map<number, number>();
  for (let at = 0; at < bytes.length;) {
    const tag = tagAt(bytes, at, bytes.length);
    const from = varintEnd(bytes, at, bytes.length);
    at = skipField(bytes, from, bytes.length, tag);
    const content = bytes.subarray((tag & 7) === 2 ? varintEnd(bytes, from, at) : from, at);
    const field = message.byNumber.get(tag >>> 3);
    const entry: Entry = { tag, field, pieces: [content] };
    const slot = field === undefined || field.repeated ? undefined : field.oneof >= 0 ? -1 - field.oneof : field.number;
    const place = slot === undefined ? undefined : places.get(slot);
    if (place === undefined) {
      if (slot !== undefined) places.set(slot, entries.length);
      entries.push(entry);
    } else if (field?.message !== undefined && entries[place].field === field) {
      entries[place].pieces.push(content);
    } else {
      entries[place] = entry;
    }
  }
  return entries;
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
