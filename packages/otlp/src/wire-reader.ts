import {
  double,
  fixed32,
  fixed64,
  int64,
  lengthAt,
  malformed,
  readUtf8,
  sfixed64,
  skipField,
  tagAt,
  uint64,
  varint32,
  varintEnd,
} from './wire.ts';

/** Walks one protobuf message, field after field. Every read is checked against `end` and throws WireError beyond it. */
export class WireReader {
  readonly bytes: Uint8Array;
  pos: number;
  end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.pos = start;
    this.end = end;
  }

  get done(): boolean {
    return this.pos >= this.end;
  }

  /** Reads a tag: field number << 3 | wire type. */
  tag(): number {
    const first = this.pos < this.end ? this.bytes[this.pos] : 0x80;
    if (first < 0x80 && first >= 8) {
      this.pos++;
      return first;
    }
    const tag = tagAt(this.bytes, this.pos, this.end);
    this.pos = varintEnd(this.bytes, this.pos, this.end);
    return tag;
  }

  /** Skips the payload of the field whose tag was just read. */
  skip(tag: number): void {
    this.pos = skipField(this.bytes, this.pos, this.end, tag);
  }

  /** Reads a length, checks it, and returns where the payload ends; `pos` is its start. */
  lengthEnd(): number {
    const first = this.pos < this.end ? this.bytes[this.pos] : 0x80;
    if (first < 0x80 && first < this.end - this.pos) return ++this.pos + first;
    const length = lengthAt(this.bytes, this.pos, this.end);
    this.pos = varintEnd(this.bytes, this.pos, this.end);
    return this.pos + length;
  }

  uint32(): number {
    const value = varint32(this.bytes, this.pos, this.end);
    this.pos = varintEnd(this.bytes, this.pos, this.end);
    return value;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    return this.uint64() !== 0n;
  }

  int64(): bigint {
    const value = int64(this.bytes, this.pos, this.end);
    this.pos = varintEnd(this.bytes, this.pos, this.end);
    return value;
  }

  uint64(): bigint {
    const value = uint64(this.bytes, this.pos, this.end);
    this.pos = varintEnd(this.bytes, this.pos, this.end);
    return value;
  }

  fixed32(): number {
    return fixed32(this.bytes, this.take(4));
  }

  fixed64(): bigint {
    return fixed64(this.bytes, this.take(8));
  }

  sfixed64(): bigint {
    return sfixed64(this.bytes, this.take(8));
  }

  double(): number {
    return double(this.bytes, this.take(8));
  }

  string(): string {
    const end = this.lengthEnd();
    const text = readUtf8(this.bytes, this.pos, end);
    this.pos = end;
    return text;
  }

  /** The payload without a copy. */
  range(): Uint8Array {
    const end = this.lengthEnd();
    const range = this.bytes.subarray(this.pos, end);
    this.pos = end;
    return range;
  }

  private take(count: number): number {
    const at = this.pos;
    if (this.end - at < count) malformed(`truncated ${count * 8}-bit value`, at);
    this.pos = at + count;
    return at;
  }
}
