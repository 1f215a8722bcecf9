/**
 * The protobuf wire format: constants, sizes, text and bounded reads. Source: protobuf.dev/programming-guides/encoding.
 *
 * Everything here works on plain `Uint8Array`s, which may lie over a SharedArrayBuffer. `TextDecoder` refuses those, so text
 * goes through Buffer's native slices, called on the array itself.
 */

export const VARINT = 0;
export const FIXED64 = 1;
export const LEN = 2;
export const FIXED32 = 5;

/** Deepest nesting of AnyValue (arrays and kvlists) that is read or written; deeper input is refused. */
export const MAX_DEPTH = 64;
/** A longer varint is malformed. */
export const VARINT_BYTES_MAX = 10;

/** Input that is not well-formed protobuf. `offset` counts from the start of the buffer that was read. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code = 'OTLP_WIRE';
  readonly retryable = false;
  readonly offset: number;

  constructor(problem: string, offset: number) {
    super(`malformed protobuf at byte ${offset}: ${problem}`);
    this.offset = offset;
  }
}

/** Throws a WireError; a function of its own, so that readers stay small enough to be inlined. */
export function malformed(problem: string, offset: number): never {
  throw new WireError(problem, offset);
}

interface NativeBytes {
  copy(this: Uint8Array, target: Uint8Array, at: number, start: number, end: number): number;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  hexSlice(this: Uint8Array, start: number, end: number): string;
  utf8Write(this: Uint8Array, text: string, offset: number, length: number): number;
}
const native = Buffer.prototype as unknown as NativeBytes;

/** Text from UTF-8; invalid sequences become U+FFFD. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  return end - start <= KNOWN_BYTES_MAX ? readShort(bytes, start, end) : native.utf8Slice.call(bytes, start, end);
}

const KNOWN_BYTES_MAX = 24;
const KNOWN_TEXTS = 1024;
/** Short texts that were read before: keys, methods and severities come again and again, and to compare takes a third of the time. */
const known: string[] = new Array<string>(KNOWN_TEXTS).fill('');
/** By place, which text was read last. One that is read for the first time is not kept: ids would only make work for the collector. */
const seen = new Int32Array(KNOWN_TEXTS);

function readShort(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return '';
  const mixed = (length * 31 + bytes[start] * 7 + bytes[start + (length >> 1)] * 67) * 257 + bytes[end - 1];
  const place = (mixed ^ (mixed >>> 10)) & (KNOWN_TEXTS - 1);
  const text = known[place];
  if (text.length === length) {
    let i = 0;
    while (i < length && text.charCodeAt(i) === bytes[start + i]) i++;
    // One unit a byte, and the same: that is ASCII, for other texts have fewer units than bytes.
    if (i === length) return text;
  }
  if (seen[place] === mixed) return (known[place] = native.utf8Slice.call(bytes, start, end));
  seen[place] = mixed;
  return native.utf8Slice.call(bytes, start, end);
}

/** Lowercase hex. */
export function readHex(bytes: Uint8Array, start: number, end: number): string {
  return start === end ? '' : native.hexSlice.call(bytes, start, end);
}

/** Writes UTF-8 at `at`; the caller has made room (three bytes a UTF-16 unit suffice). Lone surrogates become U+FFFD. Returns the bytes written. */
export function writeUtf8(bytes: Uint8Array, at: number, text: string): number {
  const length = text.length;
  // Short ASCII, the usual attribute, is faster without the call into the runtime; see benchmarks/micro/otlp.ts.
  if (length <= 24) {
    let i = 0;
    for (; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) break;
      bytes[at + i] = unit;
    }
    if (i === length) return length;
  }
  return native.utf8Write.call(bytes, text, at, bytes.length - at);
}

/** Fresh bytes with the UTF-8 of `text`. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Whether this thread has met memory that it shares with others: on workers always, where all runs in one thread never. */
let meetsSharedMemory = false;

/** To be told of every chunk; asking at each copy would cost as much as it saves. */
export function noteMemory({ buffer }: Uint8Array): void {
  if (buffer instanceof SharedArrayBuffer) meetsSharedMemory = true;
}

/**
 * Copies `source[start, end)` to `target[at, …)`; there is room, and the ranges do not overlap. For the many small copies of
 * an edit: in private memory `set` takes a tenth less time than {@link copyBlock}, in shared memory many times more.
 */
export function copyBytes(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  if (end - start <= 24) {
    for (let from = start, to = at; from < end; from++, to++) target[to] = source[from]!;
  } else if (meetsSharedMemory) {
    native.copy.call(source, target, at, start, end);
  } else {
    target.set(source.subarray(start, end), at);
  }
}

/**
 * Copies all of `source` to `target[at, …)`, where there is room. Between threads' shared memory V8's `set` goes byte by byte and is
 * 25 times slower than this (benchmarks/micro/copy).
 */
export function copyBlock(source: Uint8Array, target: Uint8Array, at: number): void {
  native.copy.call(source, target, at, 0, source.length);
}

/** Moves `bytes[start, end)` to `at`, in place. */
export function moveBytes(bytes: Uint8Array, at: number, start: number, end: number): void {
  if (end > start) native.copy.call(bytes, bytes, at, start, end);
}

/** Whether `bytes[start, end)` is exactly `expected`. Compares from the end: names of one family differ there. */
export function equalBytes(bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  let i = expected.length;
  if (end - start !== i) return false;
  while (--i >= 0) if (bytes[start + i] !== expected[i]) return false;
  return true;
}

/** Bytes that a varint of the unsigned 32-bit `value` takes. */
export function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

/** Where the varint at `pos` ends. Throws when it runs past `end` or is longer than 10 bytes. */
export function varintEnd(bytes: Uint8Array, pos: number, end: number): number {
  const limit = pos + VARINT_BYTES_MAX;
  for (let at = pos; at < end; at++) {
    if (at === limit) malformed('varint longer than 10 bytes', pos);
    if (bytes[at] < 0x80) return at + 1;
  }
  return malformed('truncated varint', pos);
}

/** The low 32 bits, unsigned, of the varint at `pos`; with `varintEnd` for the position after it. */
export function varint32(bytes: Uint8Array, pos: number, end: number): number {
  let value = 0;
  let shift = 0;
  for (let at = pos; at < end; at++) {
    const byte = bytes[at];
    if (shift < 32) value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
    shift += 7;
    if (shift >= 70) malformed('varint longer than 10 bytes', pos);
  }
  return malformed('truncated varint', pos);
}

/** The varint at `pos` as a length, checked against what is left before `end`. The payload starts at `varintEnd`. */
export function lengthAt(bytes: Uint8Array, pos: number, end: number): number {
  const after = varintEnd(bytes, pos, end);
  let value = 0;
  let scale = 1;
  // Multiplication instead of shifts: a length of more than 32 bits must be seen as too long, not wrapped around.
  for (let at = pos; at < after; at++, scale *= 128) value += (bytes[at] & 0x7f) * scale;
  if (value > end - after) malformed(`length ${value} exceeds the ${end - after} bytes left`, pos);
  return value;
}

/** Where the content ends whose length of one or two bytes is at `pos`; -1 for other lengths. Not checked against any end. */
export function endOfShort(bytes: Uint8Array, pos: number): number {
  const first = bytes[pos];
  if (first < 0x80) return pos + 1 + first;
  const second = bytes[pos + 1];
  return second < 0x80 ? pos + 2 + (first & 0x7f) + second * 128 : -1;
}

/** Where the field's payload that starts at `pos` (just after its tag) ends. Groups (wire types 3, 4) are skipped whole. */
export function skipField(bytes: Uint8Array, pos: number, end: number, tag: number): number {
  switch (tag & 7) {
    case VARINT:
      return varintEnd(bytes, pos, end);
    case LEN: {
      const first = pos < end ? bytes[pos] : 0x80;
      if (first < 0x80 && first < end - pos) return pos + 1 + first;
      return lengthAt(bytes, pos, end) + varintEnd(bytes, pos, end);
    }
    case FIXED64:
      if (end - pos < 8) malformed('truncated 64-bit field', pos);
      return pos + 8;
    case FIXED32:
      if (end - pos < 4) malformed('truncated 32-bit field', pos);
      return pos + 4;
    case 3:
      return skipGroup(bytes, pos, end, tag >>> 3);
    default:
      return malformed(`wire type ${tag & 7} in field ${tag >>> 3}`, pos);
  }
}

/** Skips a (long deprecated) group without recursion: a stack of open field numbers, bounded by MAX_DEPTH. */
function skipGroup(bytes: Uint8Array, start: number, end: number, field: number): number {
  const open = [field];
  let pos = start;
  while (pos < end) {
    const tag = tagAt(bytes, pos, end);
    pos = varintEnd(bytes, pos, end);
    if ((tag & 7) === 4) {
      if (open.pop() !== tag >>> 3) malformed('group closed by another field number', pos);
      if (open.length === 0) return pos;
    } else if ((tag & 7) === 3) {
      if (open.push(tag >>> 3) > MAX_DEPTH) malformed(`groups nested deeper than ${MAX_DEPTH}`, pos);
    } else {
      pos = skipField(bytes, pos, end, tag);
    }
  }
  return malformed('group without end', start);
}

/** The tag (field number << 3 | wire type) at `pos`; the payload starts at `varintEnd`. Field number 0 is malformed. */
export function tagAt(bytes: Uint8Array, pos: number, end: number): number {
  const after = varintEnd(bytes, pos, end);
  const tag = varint32(bytes, pos, end);
  if (after - pos > 5 || tag < 8) malformed(`tag ${tag} has no field number`, pos);
  return tag;
}

const words = new Uint32Array(2);
const doubles = new Float64Array(words.buffer);
const unsigned = new BigUint64Array(words.buffer);
const signed = new BigInt64Array(words.buffer);

/** Little-endian unsigned 32 bits; the caller has checked the bounds. */
export function fixed32(bytes: Uint8Array, pos: number): number {
  return (bytes[pos] | (bytes[pos + 1] << 8) | (bytes[pos + 2] << 16) | (bytes[pos + 3] << 24)) >>> 0;
}

/** Little-endian unsigned 64 bits; the caller has checked the bounds. */
export function fixed64(bytes: Uint8Array, pos: number): bigint {
  words[0] = fixed32(bytes, pos);
  words[1] = fixed32(bytes, pos + 4);
  return unsigned[0];
}

/** Little-endian signed 64 bits; the caller has checked the bounds. */
export function sfixed64(bytes: Uint8Array, pos: number): bigint {
  words[0] = fixed32(bytes, pos);
  words[1] = fixed32(bytes, pos + 4);
  return signed[0];
}

/** An IEEE 754 double; the caller has checked the bounds. */
export function double(bytes: Uint8Array, pos: number): number {
  words[0] = fixed32(bytes, pos);
  words[1] = fixed32(bytes, pos + 4);
  return doubles[0];
}

/** The varint at `pos` as unsigned 64 bits. */
export function uint64(bytes: Uint8Array, pos: number, end: number): bigint {
  readVarint64(bytes, pos, end);
  return unsigned[0];
}

/** The varint at `pos` as signed 64 bits. */
export function int64(bytes: Uint8Array, pos: number, end: number): bigint {
  readVarint64(bytes, pos, end);
  return signed[0];
}

/** The varint at `pos` as signed 64 bits: a number where that is exact, a bigint elsewhere. */
export function int64Value(bytes: Uint8Array, pos: number, end: number): number | bigint {
  const first = pos < end ? bytes[pos] : 0x80;
  if (first < 0x80) return first;
  readVarint64(bytes, pos, end);
  return safeInt64(words[0], words[1] | 0);
}

/** Eight little-endian bytes as signed 64 bits: a number where that is exact, a bigint elsewhere. */
export function sfixed64Value(bytes: Uint8Array, pos: number): number | bigint {
  words[0] = fixed32(bytes, pos);
  words[1] = fixed32(bytes, pos + 4);
  return safeInt64(words[0], words[1] | 0);
}

function safeInt64(low: number, high: number): number | bigint {
  const value = high * 4294967296 + low;
  return Number.isSafeInteger(value) ? value : signed[0];
}

/** Leaves the varint at `pos` in `words`; bits above 64 are dropped, as protobuf does. */
function readVarint64(bytes: Uint8Array, pos: number, end: number): void {
  const after = varintEnd(bytes, pos, end);
  let low = 0;
  let high = 0;
  for (let at = pos, shift = 0; at < after; at++, shift += 7) {
    const bits = bytes[at] & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high = bits >>> 4;
    } else high |= bits << (shift - 32);
  }
  words[0] = low;
  words[1] = high;
}

/** The two halves, [low, high], of any 64-bit integer; shared scratch, read at once. Wraps around outside 64 bits. */
export function splitInt64(value: bigint | number): Uint32Array {
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
    words[0] = value % 4294967296;
    words[1] = value / 4294967296;
  } else {
    unsigned[0] = BigInt.asUintN(64, BigInt(value));
  }
  return words;
}

/** The two halves, [low, high], of a double's bits; shared scratch, read at once. */
export function splitDouble(value: number): Uint32Array {
  doubles[0] = value;
  return words;
}
