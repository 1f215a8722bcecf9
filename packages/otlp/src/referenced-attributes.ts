import type { ByteWriter } from './byte-writer.ts';
import type { ElementList } from './element-list.ts';
import type { ProfilesDictionary } from './profiles-dictionary.ts';
import { malformed, MAX_DEPTH } from './wire.ts';
import type { Derived, WireMessage } from './wire-message.ts';
import { WireReader } from './wire-reader.ts';

/* Tags. Of a KeyValue: */
const VALUE = 0x12;
const KEY_INDEX = 0x18;
/* Of an AnyValue: */
const ARRAY = 0x2a;
const KVLIST = 0x32;
const STRING_INDEX = 0x40;
/* Of an ArrayValue and a KeyValueList: */
const ELEMENT = 0x0a;

/**
 * Attributes of resources and scopes of profiles may refer to strings of the dictionary by index, as the Collector writes them.
 * They are shown with the strings themselves; where nothing is edited, the bytes stay as they are.
 */
export class ReferencedAttributes implements Derived {
  private readonly list: ElementList;
  private readonly dictionary: ProfilesDictionary;

  constructor(header: WireMessage, dictionary: ProfilesDictionary) {
    this.list = header.lists[0];
    this.dictionary = dictionary;
    header.derived = this;
  }

  found(): void {
    const { list } = this;
    const { scratch } = list.owner;
    for (let i = 0; i < list.count; i++) {
      const bytes = list.bytesOf(i);
      const start = list.startOf(i);
      const end = list.endOf(i);
      if (!hasReference(bytes, start, end, 0)) continue;
      const mark = list.begin();
      this.writeKeyValue(new WireReader(bytes, start, end), scratch, 0);
      list.rephrase(i, mark);
    }
  }

  reset(): void {
    this.list.owner.scratch.length = 0;
  }

  settle(): void {}

  private writeKeyValue(reader: WireReader, out: ByteWriter, depth: number): void {
    while (!reader.done) {
      const from = reader.pos;
      const tag = reader.tag();
      if (tag === KEY_INDEX) {
        const index = reader.uint32();
        if (index !== 0) out.stringField(1, this.dictionary.string(index) ?? '');
      } else if (tag === VALUE) {
        const mark = out.openField(2);
        this.writeValue(inner(reader), out, depth + 1);
        out.close(mark);
      } else {
        reader.skip(tag);
        out.append(reader.bytes, from, reader.pos);
      }
    }
  }

  private writeValue(reader: WireReader, out: ByteWriter, depth: number): void {
    if (depth > MAX_DEPTH) malformed(`values nested deeper than ${MAX_DEPTH}`, reader.pos);
    while (!reader.done) {
      const from = reader.pos;
      const tag = reader.tag();
      if (tag === STRING_INDEX) {
        out.stringField(1, this.dictionary.string(reader.uint32()) ?? '');
      } else if (tag === ARRAY || tag === KVLIST) {
        const mark = out.openField(tag >>> 3);
        this.writeElements(inner(reader), out, { depth, isMap: tag === KVLIST });
        out.close(mark);
      } else {
        reader.skip(tag);
        out.append(reader.bytes, from, reader.pos);
      }
    }
  }

  private writeElements(
    reader: WireReader,
    out: ByteWriter,
    { depth, isMap }: { readonly depth: number; readonly isMap: boolean },
  ): void {
    while (!reader.done) {
      const from = reader.pos;
      const tag = reader.tag();
      if (tag === ELEMENT) {
        const mark = out.openField(1);
        if (isMap) this.writeKeyValue(inner(reader), out, depth + 1);
        else this.writeValue(inner(reader), out, depth + 1);
        out.close(mark);
      } else {
        reader.skip(tag);
        out.append(reader.bytes, from, reader.pos);
      }
    }
  }
}

/** A reader of the message whose tag was read; the given one goes on behind it. */
function inner(reader: WireReader): WireReader {
  const end = reader.lengthEnd();
  const start = reader.pos;
  reader.pos = end;
  return new WireReader(reader.bytes, start, end);
}

/** Whether a KeyValue, or anything in its value, refers to the dictionary. */
function hasReference(bytes: Uint8Array, start: number, end: number, depth: number): boolean {
  for (const reader = new WireReader(bytes, start, end); !reader.done;) {
    const tag = reader.tag();
    if (tag === KEY_INDEX) return true;
    if (tag !== VALUE) reader.skip(tag);
    else if (valueRefers(inner(reader), depth + 1)) return true;
  }
  return false;
}

function valueRefers(reader: WireReader, depth: number): boolean {
  if (depth > MAX_DEPTH) malformed(`values nested deeper than ${MAX_DEPTH}`, reader.pos);
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === STRING_INDEX) return true;
    if (tag !== ARRAY && tag !== KVLIST) {
      reader.skip(tag);
      continue;
    }
    for (const elements = inner(reader); !elements.done;) {
      const elementTag = elements.tag();
      if (elementTag !== ELEMENT) {
        elements.skip(elementTag);
        continue;
      }
      const element = inner(elements);
      const refers =
        tag === KVLIST
          ? hasReference(element.bytes, element.pos, element.end, depth + 1)
          : valueRefers(element, depth + 1);
      if (refers) return true;
    }
  }
  return false;
}
