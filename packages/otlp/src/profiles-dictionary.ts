import { ByteWriter } from './byte-writer.ts';
import { encodeAnyValue } from './any-value.ts';
import { readUtf8 } from './wire.ts';
import type { Derived, WireMessage } from './wire-message.ts';
import { WireReader } from './wire-reader.ts';

/** `dictionary` of an ExportProfilesServiceRequest. */
const DICTIONARY_FIELD = 2;
const DICTIONARY_TAG = (DICTIONARY_FIELD << 3) | 2;
/** Of a ProfilesDictionary. */
const STRINGS = 5;
const ATTRIBUTES = 6;
const STRING_TAG = (STRINGS << 3) | 2;
const ATTRIBUTE_TAG = (ATTRIBUTES << 3) | 2;
/** Of a KeyValueAndUnit. */
const KEY_TAG = 1 << 3;
const VALUE_TAG = (2 << 3) | 2;
const UNIT_TAG = 3 << 3;

const NOTHING = new Uint8Array(0);
const EMPTY_VALUE = encodeAnyValue(null);

/** An entry of the attribute table. */
export interface DictionaryAttribute {
  readonly key: string;
  /** An AnyValue's wire bytes. */
  readonly value: Uint8Array;
  /** Index of a string; 0 for none. */
  readonly unitIndex: number;
}

/**
 * What the profiles of one request point into: its strings and attributes, by index. Entries are never changed, as others may
 * point to them, only added. A cursor: it shows another dictionary when the loop over the profiles goes on to another request.
 */
export class ProfilesDictionary implements Derived {
  private readonly request: WireMessage;
  private isRead = false;
  /** The dictionary's fields as they came. */
  private body: Uint8Array = NOTHING;
  private strings: (string | Uint8Array)[] = [];
  private attributes: (DictionaryAttribute | Uint8Array)[] = [];
  private stringIndices: Map<string, number> | null = null;
  private attributeIndices: Map<string, number> | null = null;
  private readonly added = new ByteWriter();

  /** @internal */
  constructor(request: WireMessage) {
    this.request = request;
    request.derived = this;
  }

  get stringCount(): number {
    this.read();
    return this.strings.length;
  }

  /** Undefined for what is no index of a string. */
  string(index: number): string | undefined {
    this.read();
    const found = this.strings[index];
    if (!(found instanceof Uint8Array)) return found;
    return (this.strings[index] = readUtf8(found, 0, found.length));
  }

  /** Undefined for what is no index of an attribute. */
  attribute(index: number): DictionaryAttribute | undefined {
    this.read();
    const found = this.attributes[index];
    if (!(found instanceof Uint8Array)) return found;
    return (this.attributes[index] = this.readAttribute(found));
  }

  /** The index of this string, which is added where it is not there. */
  addString(text: string): number {
    this.read();
    // The first string is the empty one: index 0 is "none".
    if (this.strings.length === 0) this.appendString('');
    if (this.stringIndices === null) {
      this.stringIndices = new Map();
      for (let i = this.strings.length - 1; i >= 0; i--) this.stringIndices.set(this.string(i)!, i);
    }
    return this.stringIndices.get(text) ?? this.appendString(text);
  }

  /** The index of an attribute without a unit, which is added where it is not there. `value` is an AnyValue's wire bytes. */
  addAttribute(key: string, value: Uint8Array): number {
    this.read();
    const keyIndex = this.addString(key);
    if (this.attributes.length === 0) this.appendAttribute(0, '', EMPTY_VALUE);
    if (this.attributeIndices === null) {
      this.attributeIndices = new Map();
      for (let i = this.attributes.length - 1; i >= 0; i--) {
        const attribute = this.attribute(i)!;
        if (attribute.unitIndex === 0) this.attributeIndices.set(identityOf(attribute.key, attribute.value), i);
      }
    }
    return this.attributeIndices.get(identityOf(key, value)) ?? this.appendAttribute(keyIndex, key, value);
  }

  /** @internal */
  found(): void {}

  /** @internal */
  reset(): void {
    if (!this.isRead) return;
    this.isRead = false;
    this.body = NOTHING;
    this.strings = [];
    this.attributes = [];
    this.stringIndices = null;
    this.attributeIndices = null;
    this.added.length = 0;
  }

  /** @internal */
  settle(): void {
    if (this.added.length === 0) return;
    const out = this.request.beginPatch();
    const from = out.length;
    const mark = out.openField(DICTIONARY_FIELD);
    out.append(this.body);
    out.append(this.added.bytes, 0, this.added.length);
    out.close(mark);
    this.request.endPatch(DICTIONARY_FIELD, from);
    this.added.length = 0;
  }

  private appendString(text: string): number {
    this.added.stringField(STRINGS, text);
    this.stringIndices?.set(text, this.strings.length);
    return this.strings.push(text) - 1;
  }

  private appendAttribute(keyIndex: number, key: string, value: Uint8Array): number {
    const mark = this.added.openField(ATTRIBUTES);
    if (keyIndex !== 0) this.added.int64Field(1, keyIndex);
    this.added.bytesField(2, value);
    this.added.close(mark);
    this.attributeIndices?.set(identityOf(key, value), this.attributes.length);
    return this.attributes.push({ key, value, unitIndex: 0 }) - 1;
  }

  private read(): void {
    if (this.isRead) return;
    this.isRead = true;
    this.request.ensureIndexed();
    this.body = dictionaryOf(this.request);
    for (const reader = new WireReader(this.body); !reader.done;) {
      const tag = reader.tag();
      if (tag === STRING_TAG) this.strings.push(reader.range());
      else if (tag === ATTRIBUTE_TAG) this.attributes.push(reader.range());
      else reader.skip(tag);
    }
  }

  private readAttribute(entry: Uint8Array): DictionaryAttribute {
    let key = 0;
    let value = EMPTY_VALUE;
    let unitIndex = 0;
    for (const reader = new WireReader(entry); !reader.done;) {
      const tag = reader.tag();
      if (tag === KEY_TAG) key = reader.uint32();
      else if (tag === VALUE_TAG) value = reader.range();
      else if (tag === UNIT_TAG) unitIndex = reader.uint32();
      else reader.skip(tag);
    }
    return { key: this.string(key) ?? '', value, unitIndex };
  }
}

function identityOf(key: string, value: Uint8Array): string {
  return `${value.length}:${Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1')}${key}`;
}

/** The fields of the dictionary; of several dictionaries one after the other, which is how protobuf merges them. */
function dictionaryOf({ source, start, end }: WireMessage): Uint8Array {
  let body = NOTHING as Uint8Array;
  for (const reader = new WireReader(source, start, end); !reader.done;) {
    const tag = reader.tag();
    if (tag !== DICTIONARY_TAG) reader.skip(tag);
    else if (body.length === 0) body = reader.range();
    else body = Buffer.concat([body, reader.range()]);
  }
  return body;
}
