import { intValue, isStringValue, readAnyValue, valueKind, writeAnyValue } from './any-value.ts';
import type { AnyValue, AnyValueInput, ValueKind } from './any-value.ts';
import { toKey, type Key } from './key.ts';
import { lengthAt, varintEnd } from './wire.ts';
import { writeBytes } from './scalar-fields.ts';
import type { WireMessage } from './wire-message.ts';

/** A singular field of type AnyValue: a log record's body. */
export class ValueField {
  private readonly message: WireMessage;
  private readonly field: number;
  private bytes: Uint8Array;
  private start = 0;
  private end = 0;

  constructor(message: WireMessage, field: number) {
    this.message = message;
    this.field = field;
    this.bytes = message.source;
  }

  get exists(): boolean {
    return this.message.has(this.field);
  }

  get kind(): ValueKind {
    this.locate();
    return valueKind(this.bytes, this.start, this.end);
  }

  get value(): AnyValue {
    this.locate();
    return readAnyValue(this.bytes, this.start, this.end);
  }
  set value(value: AnyValueInput) {
    const out = this.message.beginPatch();
    const from = out.length;
    const mark = out.openField(this.field);
    writeAnyValue(out, value);
    out.close(mark);
    this.message.endPatch(this.field, from);
  }

  /** The int_value, exactly; undefined for other kinds. */
  getInt(): bigint | undefined {
    this.locate();
    return intValue(this.bytes, this.start, this.end);
  }

  /** What `decode` makes of the AnyValue's wire bytes, which lie at `[start, end)`; none where there is no value. */
  decode<T>(decode: (bytes: Uint8Array, start: number, end: number) => T): T {
    this.locate();
    return decode(this.bytes, this.start, this.end);
  }

  /** Whether the value is exactly this string; nothing is decoded. */
  equalsString(expected: string | Key): boolean {
    this.locate();
    return isStringValue(this.bytes, this.start, this.end, toKey(expected).bytes);
  }

  /** A copy of the AnyValue's wire bytes. */
  get raw(): Uint8Array {
    this.locate();
    return Uint8Array.from(this.bytes.subarray(this.start, this.end));
  }
  set raw(value: Uint8Array) {
    writeBytes(this.message, this.field, value);
  }

  /** Removes the field. */
  delete(): void {
    this.message.clear(this.field);
  }

  private locate(): void {
    const at = this.message.payload(this.field);
    const bytes = this.message.fieldBytes(this.field);
    this.bytes = bytes;
    this.start = at === 0 ? 0 : varintEnd(bytes, at, bytes.length);
    this.end = at === 0 ? 0 : this.start + lengthAt(bytes, at, bytes.length);
  }
}
