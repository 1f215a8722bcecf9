import {
  double,
  FIXED64,
  fixed64,
  LEN,
  malformed,
  skipField,
  tagAt,
  uint64,
  VARINT,
  varint32,
  varintEnd,
} from './wire.ts';
import type { WireMessage } from './wire-message.ts';

/** Reads and writes of repeated scalars. Both wire forms are read, packed and one field an element; packed is written. */

export function readFixed64s(message: WireMessage, field: number): bigint[] {
  const values: bigint[] = [];
  const [bytes, start, end] = message.rangeOf(field);
  visit(bytes, start, end, field, FIXED64, (at) => values.push(fixed64(bytes, at)));
  return values;
}

export function readDoubles(message: WireMessage, field: number): number[] {
  const values: number[] = [];
  const [bytes, start, end] = message.rangeOf(field);
  visit(bytes, start, end, field, FIXED64, (at) => values.push(double(bytes, at)));
  return values;
}

export function readUint64s(message: WireMessage, field: number): bigint[] {
  const values: bigint[] = [];
  const [bytes, start, end] = message.rangeOf(field);
  visit(bytes, start, end, field, VARINT, (at) => values.push(uint64(bytes, at, end)));
  return values;
}

/** int32s: of longer ones, as negative numbers take, the lowest 32 bits. */
export function readInt32s(message: WireMessage, field: number): number[] {
  const values: number[] = [];
  const [bytes, start, end] = message.rangeOf(field);
  visit(bytes, start, end, field, VARINT, (at) => values.push(varint32(bytes, at, end) | 0));
  return values;
}

export function writeFixed64s(message: WireMessage, field: number, values: readonly (bigint | number)[]): void {
  if (values.length === 0) return message.clear(field);
  const out = message.beginPatch();
  const from = out.length;
  const mark = out.openField(field);
  for (const value of values) out.fixed64(value);
  out.close(mark);
  message.endPatch(field, from);
}

export function writeDoubles(message: WireMessage, field: number, values: readonly number[]): void {
  if (values.length === 0) return message.clear(field);
  const out = message.beginPatch();
  const from = out.length;
  const mark = out.openField(field);
  for (const value of values) out.double(value);
  out.close(mark);
  message.endPatch(field, from);
}

export function writeUint64s(message: WireMessage, field: number, values: readonly (bigint | number)[]): void {
  if (values.length === 0) return message.clear(field);
  const out = message.beginPatch();
  const from = out.length;
  const mark = out.openField(field);
  for (const value of values) out.varint64(value);
  out.close(mark);
  message.endPatch(field, from);
}

/** Calls `at` with where each element of `field` starts. */
function visit(
  bytes: Uint8Array,
  start: number,
  end: number,
  field: number,
  wireType: typeof VARINT | typeof FIXED64,
  at: (position: number) => void,
): void {
  let pos = start;
  while (pos < end) {
    const tag = tagAt(bytes, pos, end);
    const payload = varintEnd(bytes, pos, end);
    pos = skipField(bytes, payload, end, tag);
    if (tag >>> 3 !== field) continue;
    if ((tag & 7) === wireType) at(payload);
    else if ((tag & 7) === LEN) visitPacked(bytes, varintEnd(bytes, payload, end), pos, wireType, at);
  }
}

function visitPacked(
  bytes: Uint8Array,
  start: number,
  end: number,
  wireType: typeof VARINT | typeof FIXED64,
  at: (position: number) => void,
): void {
  if (wireType === FIXED64 && (end - start) % 8 !== 0) malformed('packed 64-bit values of odd length', start);
  let pos = start;
  while (pos < end) {
    at(pos);
    pos = wireType === FIXED64 ? pos + 8 : varintEnd(bytes, pos, end);
  }
}
