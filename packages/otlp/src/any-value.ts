import { ByteWriter } from './byte-writer.ts';
import {
  double as doubleAt,
  FIXED64,
  int64,
  int64Value,
  LEN,
  MAX_DEPTH,
  malformed,
  readUtf8,
  skipField,
  tagAt,
  VARINT,
  varintEnd,
} from './wire.ts';

/** An AnyValue in JavaScript. Integers and doubles both read as `number`; integers beyond 2^53 as `bigint`; null is empty. */
export type AnyValue = string | boolean | number | bigint | Uint8Array | null | readonly AnyValue[] | KeyValues;
export interface KeyValues {
  readonly [key: string]: AnyValue;
}
/** What setters take: an AnyValue, in which `int()` and `double()` may say how a number is to be written. */
export type AnyValueInput =
  | string
  | boolean
  | number
  | bigint
  | Uint8Array
  | null
  | Int
  | Double
  | readonly AnyValueInput[]
  | { readonly [key: string]: AnyValueInput };

export type ValueKind = 'string' | 'bool' | 'int' | 'double' | 'array' | 'kvlist' | 'bytes' | 'empty';

class Int {
  readonly value: number | bigint;
  constructor(value: number | bigint) {
    this.value = value;
  }
}

class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type { Int, Double };

/** A value to be written as int_value. Throws RangeError for what is no 64-bit integer. */
export function int(value: number | bigint): Int {
  if (typeof value === 'number' && !Number.isInteger(value)) throw new RangeError(`${value} is no integer`);
  checkInt64(BigInt(value));
  return new Int(value);
}

/** A value to be written as double_value, whether or not it is whole. */
export function double(value: number): Double {
  return new Double(value);
}

function checkInt64(value: bigint): void {
  if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} does not fit into 64 bits`);
}

const KINDS: readonly ValueKind[] = ['empty', 'string', 'bool', 'int', 'double', 'array', 'kvlist', 'bytes'];
/** The wire type of each field of the oneof. */
const WIRE_TYPES = [-1, LEN, VARINT, VARINT, FIXED64, LEN, LEN, LEN];

/** The result of the last `findValue`: where the payload is; a LEN payload without its length. */
let payloadStart = 0;
let payloadEnd = 0;

/** Finds the field that decides an AnyValue (the last of the oneof); 0 when it is empty. */
export function findValue(bytes: Uint8Array, start: number, end: number): number {
  // One field with a short payload that fills the value: what nearly all values are.
  if (end - start >= 2 && (bytes[start] & 7) === LEN && bytes[start + 1] === end - start - 2 && end - start < 130) {
    const field = bytes[start] >>> 3;
    if (field === 1 || (field >= 5 && field <= 7)) {
      payloadStart = start + 2;
      payloadEnd = end;
      return field;
    }
  }
  let found = 0;
  let pos = start;
  while (pos < end) {
    const tag = tagAt(bytes, pos, end);
    const payload = varintEnd(bytes, pos, end);
    pos = skipField(bytes, payload, end, tag);
    const field = tag >>> 3;
    if (field > 7 || WIRE_TYPES[field] !== (tag & 7)) continue;
    found = field;
    payloadStart = (tag & 7) === LEN ? varintEnd(bytes, payload, end) : payload;
    payloadEnd = pos;
  }
  return found;
}

export function valueKind(bytes: Uint8Array, start: number, end: number): ValueKind {
  return KINDS[findValue(bytes, start, end)];
}

/** The int_value, exactly; undefined when the value is of another kind. */
export function intValue(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  return findValue(bytes, start, end) === 3 ? int64(bytes, payloadStart, payloadEnd) : undefined;
}

/** The string_value; undefined when the value is of another kind. */
export function stringValue(bytes: Uint8Array, start: number, end: number): string | undefined {
  return findValue(bytes, start, end) === 1 ? readUtf8(bytes, payloadStart, payloadEnd) : undefined;
}

/** An int_value (a number where that is exact, else a bigint) or a double_value; undefined when the value is of another kind. */
export function numberValue(bytes: Uint8Array, start: number, end: number): number | bigint | undefined {
  const field = findValue(bytes, start, end);
  if (field === 3) return int64Value(bytes, payloadStart, payloadEnd);
  return field === 4 ? doubleAt(bytes, payloadStart) : undefined;
}

/** Appends the UTF-8 of a string value; false when the value is of another kind. */
export function appendStringValue(bytes: Uint8Array, start: number, end: number, out: ByteWriter): boolean {
  if (findValue(bytes, start, end) !== 1) return false;
  out.append(bytes, payloadStart, payloadEnd);
  return true;
}

/** Whether the value is the string whose UTF-8 is `expected`. */
export function isStringValue(bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  if (findValue(bytes, start, end) !== 1 || payloadEnd - payloadStart !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (bytes[payloadStart + i] !== expected[i]) return false;
  return true;
}

/** Decodes the AnyValue whose body lies at `[start, end)`. */
export function readAnyValue(bytes: Uint8Array, start: number, end: number, depth = 0): AnyValue {
  if (depth > MAX_DEPTH) malformed(`values nested deeper than ${MAX_DEPTH}`, start);
  const field = findValue(bytes, start, end);
  const from = payloadStart;
  const to = payloadEnd;
  switch (field) {
    case 1:
      return readUtf8(bytes, from, to);
    case 2:
      return int64(bytes, from, to) !== 0n;
    case 3:
      return int64Value(bytes, from, to);
    case 4:
      return doubleAt(bytes, from);
    case 5:
      return readArray(bytes, from, to, depth + 1);
    case 6:
      return readKeyValues(bytes, from, to, depth + 1);
    case 7:
      return Uint8Array.from(bytes.subarray(from, to));
    default:
      return null;
  }
}

function readArray(bytes: Uint8Array, start: number, end: number, depth: number): AnyValue[] {
  const values: AnyValue[] = [];
  let pos = start;
  while (pos < end) {
    const tag = tagAt(bytes, pos, end);
    const payload = varintEnd(bytes, pos, end);
    pos = skipField(bytes, payload, end, tag);
    if (tag === 10) values.push(readAnyValue(bytes, varintEnd(bytes, payload, end), pos, depth));
  }
  return values;
}

function readKeyValues(bytes: Uint8Array, start: number, end: number, depth: number): KeyValues {
  const values: Record<string, AnyValue> = {};
  let pos = start;
  while (pos < end) {
    const tag = tagAt(bytes, pos, end);
    const payload = varintEnd(bytes, pos, end);
    pos = skipField(bytes, payload, end, tag);
    if (tag === 10) readKeyValue(bytes, varintEnd(bytes, payload, end), pos, depth, values);
  }
  return values;
}

function readKeyValue(
  bytes: Uint8Array,
  start: number,
  end: number,
  depth: number,
  values: Record<string, AnyValue>,
): void {
  let name = '';
  let value: AnyValue = null;
  let pos = start;
  while (pos < end) {
    const tag = tagAt(bytes, pos, end);
    const payload = varintEnd(bytes, pos, end);
    pos = skipField(bytes, payload, end, tag);
    if (tag === 10) name = readUtf8(bytes, varintEnd(bytes, payload, end), pos);
    else if (tag === 18) value = readAnyValue(bytes, varintEnd(bytes, payload, end), pos, depth);
  }
  // Assigning this one name would set the prototype.
  if (name === '__proto__')
    Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
  else values[name] = value;
}

/** Appends the body of an AnyValue. Whole numbers become int_value, except -0 and those beyond 2^53. */
export function writeAnyValue(out: ByteWriter, value: AnyValueInput, depth = 0): void {
  switch (typeof value) {
    case 'string':
      return out.stringField(1, value);
    case 'boolean':
      return out.boolField(2, value);
    case 'number':
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) return out.int64Field(3, value);
      return out.doubleField(4, value);
    case 'bigint':
      checkInt64(value);
      return out.int64Field(3, value);
    default:
      if (value !== null && value !== undefined) writeObject(out, value, depth);
  }
}

function writeObject(
  out: ByteWriter,
  value: Exclude<AnyValueInput, string | boolean | number | bigint | null>,
  depth: number,
): void {
  if (value instanceof Int) return out.int64Field(3, value.value);
  if (value instanceof Double) return out.doubleField(4, value.value);
  if (value instanceof Uint8Array) return out.bytesField(7, value);
  if (depth >= MAX_DEPTH) throw new RangeError(`cannot write a value nested deeper than ${MAX_DEPTH}`);
  if (Array.isArray(value)) {
    const mark = out.openField(5);
    for (const element of value as readonly AnyValueInput[]) {
      const inner = out.openField(1);
      writeAnyValue(out, element, depth + 1);
      out.close(inner);
    }
    return out.close(mark);
  }
  const mark = out.openField(6);
  for (const [name, element] of Object.entries(value as { readonly [key: string]: AnyValueInput })) {
    const inner = out.openField(1);
    out.stringField(1, name);
    const nested = out.openField(2);
    writeAnyValue(out, element, depth + 1);
    out.close(nested);
    out.close(inner);
  }
  out.close(mark);
}

/** The body of an AnyValue, for `setRaw`. */
export function encodeAnyValue(value: AnyValueInput): Uint8Array {
  const out = new ByteWriter();
  writeAnyValue(out, value);
  return out.take();
}
