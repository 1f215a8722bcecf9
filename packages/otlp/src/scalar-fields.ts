import {
  double,
  fixed32,
  fixed64,
  lengthAt,
  readHex,
  readUtf8,
  sfixed64Value,
  uint64,
  varint32,
  varintEnd,
} from './wire.ts';
import type { WireMessage } from './wire-message.ts';

/**
 * Reads and writes of singular fields, by field number. A setter of a field without explicit presence removes the field when it
 * is given the default, as every protobuf encoder does. The index has checked that payloads lie within bounds.
 */

export function getUint32(message: WireMessage, field: number): number {
  const at = message.payload(field);
  if (at === 0) return 0;
  const bytes = message.fieldBytes(field);
  return varint32(bytes, at, bytes.length);
}

export function setUint32(message: WireMessage, field: number, value: number): void {
  if (value === 0) return message.clear(field);
  const out = message.beginPatch();
  const from = out.length;
  out.uint32Field(field, value);
  message.endPatch(field, from);
}

/** An int32 or enum. */
export function getInt32(message: WireMessage, field: number): number {
  return getUint32(message, field) | 0;
}

export function setInt32(message: WireMessage, field: number, value: number): void {
  if (value === 0) return message.clear(field);
  const out = message.beginPatch();
  const from = out.length;
  out.int64Field(field, value);
  message.endPatch(field, from);
}

/** A uint64 that is no fixed64. */
export function getUint64(message: WireMessage, field: number): bigint {
  const at = message.payload(field);
  if (at === 0) return 0n;
  const bytes = message.fieldBytes(field);
  return uint64(bytes, at, bytes.length);
}

/** An int64 or uint64. */
export function setInt64(message: WireMessage, field: number, value: bigint | number): void {
  if (value === 0n || value === 0) return message.clear(field);
  const out = message.beginPatch();
  const from = out.length;
  out.int64Field(field, value);
  message.endPatch(field, from);
}

export function getInt64(message: WireMessage, field: number): bigint {
  return BigInt.asIntN(64, getUint64(message, field));
}

export function getSint32(message: WireMessage, field: number): number {
  const value = getUint32(message, field);
  return (value >>> 1) ^ -(value & 1);
}

export function setSint32(message: WireMessage, field: number, value: number): void {
  if (value === 0) return message.clear(field);
  const out = message.beginPatch();
  const from = out.length;
  out.sint32Field(field, value);
  message.endPatch(field, from);
}

export function getBool(message: WireMessage, field: number): boolean {
  const at = message.payload(field);
  if (at === 0) return false;
  const bytes = message.fieldBytes(field);
  for (let end = varintEnd(bytes, at, bytes.length), i = at; i < end; i++) if ((bytes[i] & 0x7f) !== 0) return true;
  return false;
}

export function setBool(message: WireMessage, field: number, value: boolean): void {
  setUint32(message, field, value ? 1 : 0);
}

export function getFixed32(message: WireMessage, field: number): number {
  const at = message.payload(field);
  return at === 0 ? 0 : fixed32(message.fieldBytes(field), at);
}

export function setFixed32(message: WireMessage, field: number, value: number): void {
  if (value === 0) return message.clear(field);
  const out = message.beginPatch();
  const from = out.length;
  out.fixed32Field(field, value);
  message.endPatch(field, from);
}

export function getFixed64(message: WireMessage, field: number): bigint {
  const at = message.payload(field);
  return at === 0 ? 0n : fixed64(message.fieldBytes(field), at);
}

export function setFixed64(message: WireMessage, field: number, value: bigint | number): void {
  if (value === 0n || value === 0) return message.clear(field);
  const out = message.beginPatch();
  const from = out.length;
  out.fixed64Field(field, value);
  message.endPatch(field, from);
}

/** Nanoseconds as milliseconds, without a bigint: exact to about a microsecond for today's dates. */
export function getMilliseconds(message: WireMessage, field: number): number {
  const at = message.payload(field);
  if (at === 0) return 0;
  const bytes = message.fieldBytes(field);
  return (fixed32(bytes, at + 4) * 4294967296 + fixed32(bytes, at)) / 1e6;
}

/** A fixed64 count: a number where that is exact, else a bigint. */
export function getCount(message: WireMessage, field: number): number | bigint {
  const value = getFixed64(message, field);
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** Undefined when absent. */
export function getSfixed64(message: WireMessage, field: number): number | bigint | undefined {
  const at = message.payload(field);
  return at === 0 ? undefined : sfixed64Value(message.fieldBytes(field), at);
}

/** Writes zero, too: for fields with presence. */
export function setSfixed64(message: WireMessage, field: number, value: number | bigint): void {
  const out = message.beginPatch();
  const from = out.length;
  out.fixed64Field(field, value);
  message.endPatch(field, from);
}

/** Undefined when absent. */
export function getDouble(message: WireMessage, field: number): number | undefined {
  const at = message.payload(field);
  return at === 0 ? undefined : double(message.fieldBytes(field), at);
}

/** Writes zero, too: for fields with presence. Undefined removes. */
export function setDouble(message: WireMessage, field: number, value: number | undefined): void {
  if (value === undefined) return message.clear(field);
  const out = message.beginPatch();
  const from = out.length;
  out.doubleField(field, value);
  message.endPatch(field, from);
}

export function getString(message: WireMessage, field: number): string {
  const at = message.payload(field);
  if (at === 0) return '';
  const bytes = message.fieldBytes(field);
  const start = varintEnd(bytes, at, bytes.length);
  return readUtf8(bytes, start, start + lengthAt(bytes, at, bytes.length));
}

export function setString(message: WireMessage, field: number, value: string): void {
  if (value === '') return message.clear(field);
  const out = message.beginPatch();
  const from = out.length;
  out.stringField(field, value);
  message.endPatch(field, from);
}

export function getHex(message: WireMessage, field: number): string {
  const at = message.payload(field);
  if (at === 0) return '';
  const bytes = message.fieldBytes(field);
  const start = varintEnd(bytes, at, bytes.length);
  return readHex(bytes, start, start + lengthAt(bytes, at, bytes.length));
}

/** Throws RangeError for anything but pairs of hex digits. */
export function setHex(message: WireMessage, field: number, value: string): void {
  const bytes = Buffer.from(value, 'hex');
  if (bytes.length * 2 !== value.length)
    throw new RangeError(`"${value}" is not hex: write pairs of the digits 0-9 and a-f`);
  setBytes(message, field, bytes);
}

/** A copy. */
export function getBytes(message: WireMessage, field: number): Uint8Array {
  const at = message.payload(field);
  if (at === 0) return new Uint8Array(0);
  const bytes = message.fieldBytes(field);
  const start = varintEnd(bytes, at, bytes.length);
  return Uint8Array.from(bytes.subarray(start, start + lengthAt(bytes, at, bytes.length)));
}

export function setBytes(message: WireMessage, field: number, value: Uint8Array): void {
  if (value.length === 0) return message.clear(field);
  writeBytes(message, field, value);
}

/** Writes the empty value, too: for submessages. */
export function writeBytes(message: WireMessage, field: number, value: Uint8Array): void {
  const out = message.beginPatch();
  const from = out.length;
  out.bytesField(field, value);
  message.endPatch(field, from);
}

/** Which member of a number oneof is set: the one that comes last, when both are there. */
export function getNumberKind(
  message: WireMessage,
  intField: number,
  doubleField: number,
): 'int' | 'double' | undefined {
  const hasInt = message.has(intField);
  const hasDouble = message.has(doubleField);
  if (hasInt && hasDouble) return message.payload(intField) > message.payload(doubleField) ? 'int' : 'double';
  return hasInt ? 'int' : hasDouble ? 'double' : undefined;
}

/** The value of a number oneof. */
export function getNumber(message: WireMessage, intField: number, doubleField: number): number | bigint | undefined {
  return getNumberKind(message, intField, doubleField) === 'int'
    ? getSfixed64(message, intField)
    : getDouble(message, doubleField);
}
