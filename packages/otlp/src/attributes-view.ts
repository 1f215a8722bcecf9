import { Attribute } from './attribute.ts';
import { findValue, intValue, isStringValue, numberValue, readAnyValue } from './any-value.ts';
import { stringValue, valueKind, writeAnyValue } from './any-value.ts';
import type { AnyValue, AnyValueInput, ValueKind } from './any-value.ts';
import type { ByteWriter } from './byte-writer.ts';
import { END, REMOVED, SLOT, START, type ElementList } from './element-list.ts';
import { toKey, type Key } from './key.ts';
import { equalBytes, LEN, lengthAt, readUtf8, skipField, tagAt, varintEnd, writeUtf8 } from './wire.ts';

/**
 * The attributes of a resource, scope, item or part of one, read and edited on the wire. Keys are compared as bytes; values are
 * decoded only when they are asked for.
 *
 * Keys should be unique. Where they are not, reads see the first, `set` leaves one, and `delete` removes all.
 */
export class AttributesView {
  private readonly list: ElementList;
  /** Where `parse` found the key and the value of an element. */
  private keyStart = 0;
  private keyEnd = 0;
  private valueStart = 0;
  private valueEnd = 0;
  private bytes: Uint8Array;

  constructor(list: ElementList) {
    this.list = list;
    this.bytes = list.owner.source;
  }

  get size(): number {
    return this.list.size;
  }

  has(key: string | Key): boolean {
    return this.find(key) >= 0;
  }

  /** Undefined when there is no such attribute; null when its value is empty. */
  get(key: string | Key): AnyValue | undefined {
    if (this.find(key) < 0) return undefined;
    return readAnyValue(this.bytes, this.valueStart, this.valueEnd);
  }

  kind(key: string | Key): ValueKind | undefined {
    if (this.find(key) < 0) return undefined;
    return valueKind(this.bytes, this.valueStart, this.valueEnd);
  }

  /** A string value; undefined when the attribute is absent or of another kind. */
  getString(key: string | Key): string | undefined {
    return this.find(key) < 0 ? undefined : stringValue(this.bytes, this.valueStart, this.valueEnd);
  }

  /** An int_value, exactly; undefined when there is none under this key. */
  getInt(key: string | Key): bigint | undefined {
    return this.find(key) < 0 ? undefined : intValue(this.bytes, this.valueStart, this.valueEnd);
  }

  /** An int_value (a number where that is exact, else a bigint) or a double_value; undefined for all else. */
  getNumber(key: string | Key): number | bigint | undefined {
    return this.find(key) < 0 ? undefined : numberValue(this.bytes, this.valueStart, this.valueEnd);
  }

  /** What `decode` makes of the AnyValue's wire bytes, which lie at `[start, end)`; undefined when there is no such attribute. */
  decode<T>(key: string | Key, decode: (bytes: Uint8Array, start: number, end: number) => T): T | undefined {
    return this.find(key) < 0 ? undefined : decode(this.bytes, this.valueStart, this.valueEnd);
  }

  /** Whether the attribute is exactly this string; nothing is decoded. */
  equalsString(key: string | Key, expected: string | Key): boolean {
    return this.find(key) >= 0 && isStringValue(this.bytes, this.valueStart, this.valueEnd, toKey(expected).bytes);
  }

  /** A copy of the AnyValue's wire bytes. */
  raw(key: string | Key): Uint8Array | undefined {
    return this.find(key) < 0 ? undefined : Uint8Array.from(this.bytes.subarray(this.valueStart, this.valueEnd));
  }

  /** Whole numbers are written as int_value; `double()` and `int()` write exactly that. */
  set(key: string | Key, value: AnyValueInput): void {
    const index = this.findAlone(toKey(key));
    const scratch = this.list.owner.scratch;
    const from = this.beginElement(toKey(key));
    if (typeof value === 'string' && value.length <= SHORT_TEXT_UNITS_MAX) {
      writeShortString(scratch, value);
    } else {
      const mark = scratch.openField(2);
      writeAnyValue(scratch, value);
      scratch.close(mark);
    }
    this.place(index, from);
  }

  /** Sets the AnyValue whose wire bytes are given, as `raw` returns them. */
  setRaw(key: string | Key, value: Uint8Array): void {
    const index = this.findAlone(toKey(key));
    const from = this.beginElement(toKey(key));
    this.list.owner.scratch.bytesField(2, value);
    this.place(index, from);
  }

  /**
   * Sets the attribute to the value of one of these or other attributes, whose bytes are copied. Where that does not exist or is
   * empty nothing is done, and false returned.
   */
  setFrom(key: string | Key, from: AttributesView, fromKey: string | Key): boolean {
    if (from.find(fromKey) < 0) return false;
    const { bytes, valueStart, valueEnd } = from;
    if (findValue(bytes, valueStart, valueEnd) === 0) return false;
    const index = this.findAlone(toKey(key));
    const start = this.beginElement(toKey(key));
    this.list.owner.scratch.bytesField(2, bytes, valueStart, valueEnd);
    this.place(index, start);
    return true;
  }

  /**
   * Gives each value that is a string of more than `bytesMin` bytes to `change`, and sets what that returns where it differs.
   * Of attributes with one key, only the first counts.
   */
  changeStrings(change: (text: string, key: string) => string, bytesMin = -1): void {
    const { list } = this;
    list.owner.ensureIndexed();
    for (let i = 0; i < list.count; i++) {
      // Not even the whole element is that long: nothing need be looked at.
      if (list.isRemoved(i) || list.endOf(i) - list.startOf(i) <= bytesMin) continue;
      this.parse(i);
      const text = stringValue(this.bytes, this.valueStart, this.valueEnd);
      if (text === undefined) continue;
      const name = readUtf8(this.bytes, this.keyStart, this.keyEnd);
      const changed = change(text, name);
      if (changed !== text && this.find(name) === i) this.set(name, changed);
    }
  }

  /** Returns whether there was one. */
  delete(key: string | Key): boolean {
    const index = this.findAlone(toKey(key));
    if (index < 0) return false;
    this.list.remove(index);
    return true;
  }

  /** Gives an attribute another key and leaves its value's bytes; an attribute that had that key goes. False when there is none. */
  rename(key: string | Key, to: string | Key): boolean {
    const renamed = toKey(to);
    const old = toKey(key);
    if (old.text === renamed.text) return this.has(old);
    if (this.find(old) < 0) return false;
    this.delete(renamed);
    const index = this.findAlone(old);
    this.parse(index);
    const { bytes, valueStart, valueEnd } = this;
    const from = this.beginElement(renamed);
    this.list.owner.scratch.bytesField(2, bytes, valueStart, valueEnd);
    this.list.replace(index, from);
    return true;
  }

  clear(): void {
    this.list.owner.ensureIndexed();
    this.list.removeAll();
  }

  /** Removes every attribute for which `test` is true. The argument is reused: valid during the call only. */
  deleteWhere(test: (attribute: Attribute) => boolean): void {
    this.filter(test, true);
  }

  /** Keeps only attributes for which `test` is true. The argument is reused: valid during the call only. */
  retain(test: (attribute: Attribute) => boolean): void {
    this.filter(test, false);
  }

  private filter(test: (attribute: Attribute) => boolean, removeOn: boolean): void {
    const { list } = this;
    list.owner.ensureIndexed();
    const attribute = new Attribute();
    for (let i = 0; i < list.count; i++) {
      if (list.isRemoved(i)) continue;
      this.parse(i);
      attribute.bind(this.bytes, this.keyStart, this.keyEnd, this.valueStart, this.valueEnd);
      if (test(attribute) === removeOn) list.remove(i);
    }
  }

  *keys(): IterableIterator<string> {
    this.list.owner.ensureIndexed();
    for (let i = 0; i < this.list.count; i++) {
      if (this.list.isRemoved(i)) continue;
      this.parse(i);
      yield readUtf8(this.bytes, this.keyStart, this.keyEnd);
    }
  }

  *entries(): IterableIterator<[key: string, value: AnyValue]> {
    this.list.owner.ensureIndexed();
    for (let i = 0; i < this.list.count; i++) {
      if (this.list.isRemoved(i)) continue;
      this.parse(i);
      const name = readUtf8(this.bytes, this.keyStart, this.keyEnd);
      yield [name, readAnyValue(this.bytes, this.valueStart, this.valueEnd)];
    }
  }

  [Symbol.iterator](): IterableIterator<[key: string, value: AnyValue]> {
    return this.entries();
  }

  /** All attributes as a plain object. */
  toObject(): Record<string, AnyValue> {
    return Object.fromEntries(this.entries());
  }

  private beginElement(key: Key): number {
    const scratch = this.list.owner.scratch;
    const from = scratch.length;
    scratch.bytesField(1, key.bytes);
    return from;
  }

  private place(index: number, from: number): void {
    if (index >= 0) this.list.replace(index, from);
    else this.list.append(from);
  }

  /** The first element with this key, parsed; -1 when there is none. "predicate" in benchmarks/micro/otlp.ts. */
  private find(key: string | Key): number {
    const list = this.list;
    if (!list.owner.indexed) list.owner.ensureIndexed();
    return this.findFrom(0, toKey(key).bytes);
  }

  private findFrom(first: number, expected: Uint8Array): number {
    const list = this.list;
    const source = list.owner.source;
    const slots = list.slots;
    const count = list.count;
    for (let i = first; i < count; i++) {
      const start = slots[i * SLOT + START];
      if (start === REMOVED) continue;
      const end = slots[i * SLOT + END];
      // The order and lengths that every encoder writes; other forms, and those with a second key inside, go the long way.
      if (start >= 0 && end - start >= 4 && source[start] === 0x0a) {
        const keyEnd = start + 2 + source[start + 1];
        if (source[start + 1] < 0x80 && keyEnd + 2 <= end && source[keyEnd] === 0x12) {
          if (source[keyEnd + 1] < 0x80 && keyEnd + 2 + source[keyEnd + 1] === end) {
            if (!equalBytes(source, start + 2, keyEnd, expected)) continue;
            this.bytes = source;
            this.keyStart = start + 2;
            this.keyEnd = keyEnd;
            this.valueStart = keyEnd + 2;
            this.valueEnd = end;
            return i;
          }
        }
      }
      this.parse(i);
      if (equalBytes(this.bytes, this.keyStart, this.keyEnd, expected)) return i;
    }
    return -1;
  }

  /** Like `find`, and removes all further elements with this key, so that an edit can't leave one behind. */
  private findAlone(key: Key): number {
    const first = this.find(key);
    if (first < 0) return first;
    for (let i = first; (i = this.findFrom(i + 1, key.bytes)) >= 0;) this.list.remove(i);
    return first;
  }

  /** Finds key and value of element `index`. */
  private parse(index: number): void {
    const bytes = this.list.bytesOf(index);
    const start = this.list.startOf(index);
    const end = this.list.endOf(index);
    this.bytes = bytes;
    this.keyStart = this.keyEnd = this.valueStart = this.valueEnd = end;
    let pos = start;
    while (pos < end) {
      const tag = tagAt(bytes, pos, end);
      const payload = varintEnd(bytes, pos, end);
      if ((tag & 7) !== LEN) {
        pos = skipField(bytes, payload, end, tag);
        continue;
      }
      const from = varintEnd(bytes, payload, end);
      pos = from + lengthAt(bytes, payload, end);
      if (tag === 10) {
        this.keyStart = from;
        this.keyEnd = pos;
      } else if (tag === 18) {
        this.valueStart = from;
        this.valueEnd = pos;
      }
    }
  }
}

/** At most 120 bytes of UTF-8, so that lengths around it take one byte. */
const SHORT_TEXT_UNITS_MAX = 40;

/** Writes the `value` field of a KeyValue without the general way's steps: most values that are set are short strings. */
function writeShortString(out: ByteWriter, text: string): void {
  out.reserve(4 + 3 * SHORT_TEXT_UNITS_MAX);
  const at = out.length;
  const size = writeUtf8(out.bytes, at + 4, text);
  const bytes = out.bytes;
  bytes[at] = 0x12;
  bytes[at + 1] = size + 2;
  bytes[at + 2] = 0x0a;
  bytes[at + 3] = size;
  out.length = at + 4 + size;
}
