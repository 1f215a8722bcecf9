import { Attribute } from './attribute.ts';
import { appendStringValue, findValue, intValue, isStringValue, numberValue, readAnyValue } from './any-value.ts';
import { stringValue, valueKind, writeAnyValue } from './any-value.ts';
import type { AnyValue, AnyValueInput, ValueKind } from './any-value.ts';
import { ByteWriter } from './byte-writer.ts';
import { END, REMOVED, SLOT, START, type ElementList } from './element-list.ts';
import { markOf, NO_KEY, toKey, type Key } from './key.ts';
import { copyBytes, endOfShort, equalBytes, LEN, lengthAt, readUtf8 } from './wire.ts';
import { skipField, tagAt, varintEnd, writeUtf8 } from './wire.ts';

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
    const known = toKey(key);
    const { list } = this;
    const index = this.findAlone(known);
    if (typeof value === 'string' && list.field < 16 && known.bytes.length + 3 * value.length + 6 < 0x80) {
      const field = list.owner.scratch.length;
      writeShortAttribute(list.owner.scratch, list.field, known.bytes, value);
      this.place(index, known, field, field + 2);
      return;
    }
    const from = this.beginElement(known);
    const scratch = list.owner.scratch;
    const mark = scratch.openField(2);
    writeAnyValue(scratch, value);
    scratch.close(mark);
    this.endElement(index, known, from);
  }

  /** Sets an attribute that was encoded before. */
  put(attribute: EncodedAttribute): void {
    const { key } = attribute;
    const index = this.findAlone(key);
    const scratch = this.list.owner.scratch;
    const field = scratch.length;
    scratch.append(attribute.fieldFor(this.list.field));
    this.place(index, key, field, scratch.length - attribute.size);
  }

  /** Sets the AnyValue whose wire bytes are given, as `raw` returns them. */
  setRaw(key: string | Key, value: Uint8Array): void {
    const known = toKey(key);
    const index = this.findAlone(known);
    const from = this.beginElement(known);
    this.list.owner.scratch.bytesField(2, value);
    this.endElement(index, known, from);
  }

  /**
   * Sets the attribute to the value of one of these or other attributes, whose bytes are copied. Where that does not exist or is
   * empty nothing is done, and false returned.
   */
  setFrom(key: string | Key, from: AttributesView, fromKey: string | Key): boolean {
    if (from.find(fromKey) < 0) return false;
    const { bytes, valueStart, valueEnd } = from;
    if (findValue(bytes, valueStart, valueEnd) === 0) return false;
    const known = toKey(key);
    const index = this.findAlone(known);
    const start = this.beginElement(known);
    this.list.owner.scratch.bytesField(2, bytes, valueStart, valueEnd);
    this.endElement(index, known, start);
    return true;
  }

  /**
   * Sets the attribute to the string whose UTF-8 `write` appends to `out`; nothing is done when it returns false. It may read
   * attributes, and must not edit any.
   */
  setText<C>(key: string | Key, write: (context: C, out: ByteWriter) => boolean, context: C): void {
    const { list } = this;
    list.owner.ensureIndexed();
    const scratch = list.owner.scratch;
    const before = scratch.length;
    const known = toKey(key);
    let isWritten = false;
    try {
      const element = this.beginElement(known);
      const value = scratch.openField(2);
      const text = scratch.openField(1);
      if (!write(context, scratch)) return;
      scratch.close(text);
      scratch.close(value);
      isWritten = true;
      this.endElement(this.findAlone(known), known, element);
    } finally {
      if (!isWritten) scratch.length = before;
    }
  }

  /** Appends the UTF-8 of a string value; false when the attribute is absent or of another kind. */
  appendText(key: string | Key, out: ByteWriter): boolean {
    return this.find(key) >= 0 && appendStringValue(this.bytes, this.valueStart, this.valueEnd, out);
  }

  /**
   * Gives each value that is a string of more than `bytesMin` bytes to `change`, and sets what that returns where it differs.
   * Of attributes with one key, only the first counts.
   */
  changeStrings(change: (text: string, key: string) => string, bytesMin = -1): void {
    const { list } = this;
    list.owner.ensureIndexed();
    for (let i = 0; i < list.count; i++) {
      const at = i * SLOT;
      const start = list.slots[at + START];
      // Not even the whole element is that long: nothing need be looked at.
      if (start === REMOVED || list.slots[at + END] - (start >= 0 ? start : ~start) <= bytesMin) continue;
      this.locate(i);
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
    this.locate(index);
    const { bytes, valueStart, valueEnd } = this;
    const from = this.beginElement(renamed);
    this.list.owner.scratch.bytesField(2, bytes, valueStart, valueEnd);
    this.endElement(index, renamed, from);
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
      this.locate(i);
      attribute.bind(this.bytes, this.keyStart, this.keyEnd, this.valueStart, this.valueEnd);
      if (test(attribute) === removeOn) list.remove(i);
    }
  }

  *keys(): IterableIterator<string> {
    this.list.owner.ensureIndexed();
    for (let i = 0; i < this.list.count; i++) {
      if (this.list.isRemoved(i)) continue;
      this.locate(i);
      yield readUtf8(this.bytes, this.keyStart, this.keyEnd);
    }
  }

  *entries(): IterableIterator<[key: string, value: AnyValue]> {
    this.list.owner.ensureIndexed();
    for (let i = 0; i < this.list.count; i++) {
      if (this.list.isRemoved(i)) continue;
      this.locate(i);
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
    const mark = this.list.begin();
    this.list.owner.scratch.bytesField(1, key.bytes);
    return mark;
  }

  /** Puts what was begun in the place of element `index`, or behind all others. */
  private endElement(index: number, key: Key, mark: number): void {
    const { list } = this;
    if (index >= 0) list.replace(index, mark);
    else list.append(mark);
    this.mark(index, key);
  }

  /** The same for a whole field that begins at `field` of the scratch, and its body at `start`. */
  private place(index: number, key: Key, field: number, start: number): void {
    const { list } = this;
    if (index < 0 && list.count * SLOT === list.slots.length) list.grow();
    list.place(index < 0 ? list.count++ : index, field, start);
    this.mark(index, key);
  }

  private mark(index: number, key: Key): void {
    const { list } = this;
    if (index >= 0) list.marks[index] = key.mark;
    else if (list.marked === list.count - 1) list.marks[list.marked++] = key.mark;
  }

  private markAll(): void {
    const { list } = this;
    for (let i = list.marked; i < list.count; i++) {
      if (list.isRemoved(i)) {
        list.marks[i] = NO_KEY;
      } else {
        this.locate(i);
        list.marks[i] = markOf(this.bytes, this.keyStart, this.keyEnd);
      }
    }
    list.marked = list.count;
  }

  /** The first element with this key, located; -1 when there is none. "predicate" in benchmarks/micro/otlp.ts. */
  private find(key: string | Key): number {
    const list = this.list;
    if (!list.owner.indexed) list.owner.ensureIndexed();
    list.searches++;
    return this.findFrom(0, toKey(key));
  }

  /** The first element from `first` on with this key, located. */
  private findFrom(first: number, key: Key): number {
    const list = this.list;
    if (!list.isSearchedOften) return this.searchFrom(first, key.bytes);
    if (list.marked < list.count) this.markAll();
    const { marks, count } = list;
    const mark = key.mark;
    for (let i = first; i < count; i++) {
      if (marks[i] !== mark) continue;
      this.locate(i);
      if (equalBytes(this.bytes, this.keyStart, this.keyEnd, key.bytes)) return i;
    }
    return -1;
  }

  /** The same without marks: `locate` written out, as most attributes are looked at only for their key. */
  private searchFrom(first: number, expected: Uint8Array): number {
    const { slots, count, owner } = this.list;
    const source = owner.source;
    const scratch = owner.scratch.bytes;
    for (let i = first; i < count; i++) {
      const at = slots[i * SLOT + START];
      if (at === REMOVED) continue;
      const start = at >= 0 ? at : ~at;
      const end = slots[i * SLOT + END];
      const bytes = at >= 0 ? source : scratch;
      if (end - start >= 4 && bytes[start] === 0x0a && bytes[start + 1] < 0x80) {
        const keyEnd = start + 2 + bytes[start + 1];
        if (keyEnd + 2 <= end && bytes[keyEnd] === 0x12 && endOfShort(bytes, keyEnd + 1) === end) {
          if (!equalBytes(bytes, start + 2, keyEnd, expected)) continue;
          this.bytes = bytes;
          this.keyStart = start + 2;
          this.keyEnd = keyEnd;
          this.valueStart = keyEnd + (bytes[keyEnd + 1] < 0x80 ? 2 : 3);
          this.valueEnd = end;
          return i;
        }
      }
      this.parse(bytes, start, end);
      if (equalBytes(this.bytes, this.keyStart, this.keyEnd, expected)) return i;
    }
    return -1;
  }

  /** Like `find`, and removes all further elements with this key, so that an edit can't leave one behind. */
  private findAlone(key: Key): number {
    const first = this.find(key);
    if (first < 0) return first;
    for (let i = first; (i = this.findFrom(i + 1, key)) >= 0;) this.list.remove(i);
    return first;
  }

  /** Finds key and value of element `index`. */
  private locate(index: number): void {
    const { slots, owner } = this.list;
    const at = slots[index * SLOT + START];
    const start = at >= 0 ? at : ~at;
    const end = slots[index * SLOT + END];
    const bytes = at >= 0 ? owner.source : owner.scratch.bytes;
    // The order and lengths that every encoder writes; other forms, and those with a second key inside, go the long way.
    if (end - start >= 4 && bytes[start] === 0x0a && bytes[start + 1] < 0x80) {
      const keyEnd = start + 2 + bytes[start + 1];
      if (keyEnd + 2 <= end && bytes[keyEnd] === 0x12 && endOfShort(bytes, keyEnd + 1) === end) {
        this.bytes = bytes;
        this.keyStart = start + 2;
        this.keyEnd = keyEnd;
        this.valueStart = keyEnd + (bytes[keyEnd + 1] < 0x80 ? 2 : 3);
        this.valueEnd = end;
        return;
      }
    }
    this.parse(bytes, start, end);
  }

  private parse(bytes: Uint8Array, start: number, end: number): void {
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

/** An attribute's key and value, encoded once. */
export class EncodedAttribute {
  readonly key: Key;
  /** @internal Bytes of the KeyValue. */
  readonly size: number;
  readonly #element: Uint8Array;
  #field: Uint8Array;
  #number = 0;

  /** `value` is an AnyValue's wire bytes. */
  constructor(key: string | Key, value: Uint8Array) {
    this.key = toKey(key);
    const out = new ByteWriter();
    out.bytesField(1, this.key.bytes);
    out.bytesField(2, value);
    this.#element = out.take();
    this.#field = this.#element;
    this.size = this.#element.length;
  }

  /** @internal The KeyValue as the field of this number: mostly the one that was asked for before. */
  fieldFor(number: number): Uint8Array {
    if (number !== this.#number) {
      const out = new ByteWriter();
      out.bytesField(number, this.#element);
      this.#field = out.take();
      this.#number = number;
    }
    return this.#field;
  }
}

/** Writes an attribute of less than 128 bytes whose value is a string without the general way's steps: most that are set are such. */
function writeShortAttribute(out: ByteWriter, field: number, key: Uint8Array, text: string): void {
  out.reserve(0x82);
  const start = out.length;
  const textAt = start + 8 + key.length;
  const size = writeUtf8(out.bytes, textAt, text);
  const bytes = out.bytes;
  copyBytes(key, 0, key.length, bytes, start + 4);
  bytes[start] = (field << 3) | LEN;
  bytes[start + 1] = key.length + size + 6;
  bytes[start + 2] = 0x0a;
  bytes[start + 3] = key.length;
  bytes[textAt - 4] = 0x12;
  bytes[textAt - 3] = size + 2;
  bytes[textAt - 2] = 0x0a;
  bytes[textAt - 1] = size;
  out.length = textAt + size;
}
