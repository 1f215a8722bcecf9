import { AttributesView } from './attributes-view.ts';
import { ByteWriter } from './byte-writer.ts';
import { REMOVED, SLOT, START } from './element-list.ts';
import { RESOURCE } from './message-shape.ts';
import type { ProfilesDictionary } from './profiles-dictionary.ts';
import { readInt32s, writeUint64s } from './repeated-scalars.ts';
import { readUtf8 } from './wire.ts';
import { WireMessage, type Derived } from './wire-message.ts';
import { WireReader } from './wire-reader.ts';

const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;

/**
 * The attributes of a profile or sample, which on the wire has indices into the dictionary only. They are looked up when they are
 * first asked for, and shown as those of other items are; edits become entries of the dictionary when the item is written.
 */
export class DictionaryAttributes implements Derived {
  private readonly owner: WireMessage;
  private readonly field: number;
  private readonly dictionary: ProfilesDictionary;
  /** The attributes as fields of a message like any other with attributes. */
  private readonly message: WireMessage;
  private readonly attributes: AttributesView;
  private isMade = false;
  /** Of the elements of the message that was made. */
  private madeOf: number[] = [];

  /** The indices lie in `field` of `owner`. */
  constructor(owner: WireMessage, field: number, dictionary: ProfilesDictionary) {
    this.owner = owner;
    this.field = field;
    this.dictionary = dictionary;
    this.message = new WireMessage(RESOURCE, owner);
    this.attributes = new AttributesView(this.message.lists[0]);
    owner.derived = this;
  }

  get view(): AttributesView {
    if (!this.isMade) this.make();
    return this.attributes;
  }

  get indices(): number[] {
    this.settle();
    return readInt32s(this.owner, this.field);
  }
  set indices(indices: readonly number[]) {
    this.reset();
    writeUint64s(this.owner, this.field, indices);
  }

  found(): void {}

  reset(): void {
    this.isMade = false;
    this.message.reset();
  }

  settle(): void {
    if (!this.message.dirty) return;
    const [list] = this.message.lists;
    const indices: number[] = [];
    for (let i = 0; i < list.count; i++) {
      const start = list.slots[i * SLOT + START];
      if (start === REMOVED) continue;
      const isOriginal = start >= 0 && i < list.originals;
      indices.push(isOriginal ? this.madeOf[i] : this.add(list.bytesOf(i), list.startOf(i), list.endOf(i)));
    }
    this.indices = indices;
  }

  private add(bytes: Uint8Array, start: number, end: number): number {
    let key = '';
    let value = new Uint8Array(0) as Uint8Array;
    for (const reader = new WireReader(bytes, start, end); !reader.done;) {
      const tag = reader.tag();
      if (tag === KEY_TAG) {
        const text = reader.range();
        key = readUtf8(text, 0, text.length);
      } else if (tag === VALUE_TAG) value = Uint8Array.from(reader.range());
      else reader.skip(tag);
    }
    return this.dictionary.addAttribute(key, value);
  }

  private make(): void {
    // An owner that was read tells when it moves on.
    this.owner.ensureIndexed();
    const out = new ByteWriter();
    this.madeOf = [];
    for (const index of readInt32s(this.owner, this.field)) {
      const attribute = this.dictionary.attribute(index);
      // What points nowhere is nothing that could be shown.
      if (attribute === undefined) continue;
      this.madeOf.push(index);
      const mark = out.openField(1);
      out.stringField(1, attribute.key);
      out.bytesField(2, attribute.value);
      out.close(mark);
    }
    const { length } = out;
    this.message.bind(out.take(), 0, length);
    this.isMade = true;
  }
}
