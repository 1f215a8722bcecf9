import { copyBytes, FIXED32, FIXED64, LEN, moveBytes, splitDouble, splitInt64, VARINT, writeUtf8 } from './wire.ts';

/**
 * Gives a buffer of at least `byteLength` bytes; its contents may be anything. Workers inject an arena. `previous` is what the
 * asking writer made before, if anything: when that lies in the buffer that was given last, the rest of it is free again.
 */
export type Allocate = (byteLength: number, previous?: Uint8Array) => Uint8Array;

/** Plain memory. Large buffers are not cleared first: all that is handed on is written, and clearing costs 8 % of an edit. */
export const allocateBytes: Allocate = (byteLength) =>
  byteLength < 4096 ? new Uint8Array(byteLength) : new Uint8Array(Buffer.allocUnsafeSlow(byteLength).buffer);

const CAPACITY_MIN = 64;

/** A growing buffer that protobuf is appended to. Growth moves the bytes, so positions are kept, never references. */
export class ByteWriter {
  bytes: Uint8Array;
  /** Bytes written so far. May be set back to drop a tail. */
  length = 0;
  /** The first buffer is at least this large. */
  capacityMin: number;
  private readonly allocate: Allocate;
  /** What was handed over last, where the allocator wants to know. */
  private taken: Uint8Array | undefined;

  constructor(allocate: Allocate = allocateBytes, capacityMin = CAPACITY_MIN) {
    this.allocate = allocate;
    this.capacityMin = capacityMin;
    this.bytes = EMPTY;
    this.taken = undefined;
  }

  /** What was written, without a copy: valid until the writer is used again. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Hands the bytes over; the writer starts again with none. */
  take(): Uint8Array {
    let taken = this.view();
    // A small rest must not keep a large buffer alive; an arena's memory comes back in other ways.
    if (this.allocate !== allocateBytes) this.taken = taken;
    else if (this.bytes.length > 4096 && this.length * 2 < this.bytes.length) taken = taken.slice();
    this.bytes = EMPTY;
    this.length = 0;
    return taken;
  }

  reserve(count: number): void {
    if (this.length + count > this.bytes.length) this.grow(this.length + count);
  }

  private grow(needed: number): void {
    const larger = this.allocate(Math.max(needed, this.bytes.length * 2, this.capacityMin), this.taken);
    copyBytes(this.bytes, 0, this.length, larger, 0);
    this.bytes = larger;
  }

  append(source: Uint8Array, start = 0, end = source.length): void {
    this.reserve(end - start);
    copyBytes(source, start, end, this.bytes, this.length);
    this.length += end - start;
  }

  /** The unsigned 32-bit `value` as a varint. */
  varint32(value: number): void {
    this.reserve(5);
    this.length = putVarint32(this.bytes, this.length, value);
  }

  /** Any 64-bit integer as a varint; a negative one takes ten bytes. */
  varint64(value: bigint | number): void {
    const words = splitInt64(value);
    let low = words[0];
    let high = words[1];
    this.reserve(10);
    const bytes = this.bytes;
    let at = this.length;
    while (high !== 0 || low > 0x7f) {
      bytes[at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    bytes[at++] = low;
    this.length = at;
  }

  /** Four little-endian bytes. */
  fixed32(value: number): void {
    this.reserve(4);
    const bytes = this.bytes;
    const at = this.length;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.length = at + 4;
  }

  /** Eight little-endian bytes; signed and unsigned alike. */
  fixed64(value: bigint | number): void {
    const words = splitInt64(value);
    const high = words[1];
    this.fixed32(words[0]);
    this.fixed32(high);
  }

  double(value: number): void {
    const words = splitDouble(value);
    const high = words[1];
    this.fixed32(words[0]);
    this.fixed32(high);
  }

  tag(field: number, wireType: number): void {
    this.varint32(((field << 3) | wireType) >>> 0);
  }

  uint32Field(field: number, value: number): void {
    this.tag(field, VARINT);
    this.varint32(value >>> 0);
  }

  int64Field(field: number, value: bigint | number): void {
    this.tag(field, VARINT);
    this.varint64(value);
  }

  boolField(field: number, value: boolean): void {
    this.tag(field, VARINT);
    this.varint32(value ? 1 : 0);
  }

  /** Zigzag, as in sint32. */
  sint32Field(field: number, value: number): void {
    this.tag(field, VARINT);
    this.varint32(((value << 1) ^ (value >> 31)) >>> 0);
  }

  fixed32Field(field: number, value: number): void {
    this.tag(field, FIXED32);
    this.fixed32(value);
  }

  fixed64Field(field: number, value: bigint | number): void {
    this.tag(field, FIXED64);
    this.fixed64(value);
  }

  doubleField(field: number, value: number): void {
    this.tag(field, FIXED64);
    this.double(value);
  }

  stringField(field: number, text: string): void {
    const mark = this.openField(field);
    this.text(text);
    this.close(mark);
  }

  bytesField(field: number, bytes: Uint8Array, start = 0, end = bytes.length): void {
    const size = end - start;
    this.reserve(size + 10);
    const at = putVarint32(this.bytes, putVarint32(this.bytes, this.length, ((field << 3) | LEN) >>> 0), size);
    copyBytes(bytes, start, end, this.bytes, at);
    this.length = at + size;
  }

  /** UTF-8 without a length. */
  text(text: string): void {
    this.reserve(text.length * 3);
    this.length += writeUtf8(this.bytes, this.length, text);
  }

  /** Starts a length-delimited field; pass the result to `close` when its payload is written. */
  openField(field: number): number {
    this.tag(field, LEN);
    return this.open();
  }

  /** Leaves one byte for a length: enough for most attributes; `close` makes more room where it is not. */
  open(): number {
    this.reserve(1);
    return ++this.length;
  }

  close(mark: number): void {
    const size = this.length - mark;
    if (size < 0x80) {
      this.bytes[mark - 1] = size;
      return;
    }
    const width = size < 0x4000 ? 2 : size < 0x200000 ? 3 : size < 0x10000000 ? 4 : 5;
    this.reserve(width - 1);
    moveBytes(this.bytes, mark + width - 1, mark, this.length);
    putVarint32(this.bytes, mark - 1, size);
    this.length += width - 1;
  }
}

const EMPTY = new Uint8Array(0);

/** Writes a varint where there is room for it and returns the position after it. */
export function putVarint32(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let to = at;
  while (rest > 0x7f) {
    bytes[to++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[to++] = rest;
  return to;
}

/** Writes a varint in exactly `width` bytes, padded with continuation bits (which every parser accepts). */
export function putPaddedVarint32(bytes: Uint8Array, at: number, value: number, width: number): void {
  let rest = value;
  for (let i = 0; i < width - 1; i++) {
    bytes[at + i] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at + width - 1] = rest;
}
