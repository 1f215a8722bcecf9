import { ByteWriter } from './byte-writer.ts';
import { ElementList, END, SLOT, START } from './element-list.ts';
import { LIST, REPEATED_SCALAR, SINGULAR_LEN, type MessageShape } from './message-shape.ts';
import { Splicer } from './splicer.ts';
import { LEN, lengthAt, malformed, skipField, tagAt, varintEnd } from './wire.ts';

const EMPTY = new Uint8Array(0);
const NO_SLOTS: Int32Array = new Int32Array(0);
const UNTOUCHED = -1;

/** What a message shows that is made from its fields and from others, such as attributes that lie in a dictionary. */
export interface Derived {
  /** The message's fields have just been found. */
  found(): void;
  /** Forgets what was made: the message shows another place. */
  reset(): void;
  /** Writes edits into the message's fields: they are about to be emitted. */
  settle(): void;
}

/**
 * One protobuf message where it lies on the wire, with an overlay of edits: the machinery below every view. It is a cursor:
 * `bind` moves it to another message, and costs next to nothing until a field is asked for.
 *
 * All message types share this one class, so that its hot loops see one object shape; what differs is the MessageShape.
 */
export class WireMessage {
  readonly shape: MessageShape;
  /** The message that this one is a part of; it is told about edits. */
  readonly parent: WireMessage | null;
  /** The parent's field that holds this message; 0 when someone else binds it (a cursor over list elements or items). */
  readonly parentField: number;
  readonly lists: ElementList[];
  /** By field number. */
  readonly subs: (WireMessage | null)[];
  /** The view that shows this message to users. */
  view: unknown = null;
  derived: Derived | null = null;

  source: Uint8Array = EMPTY;
  /** Where this message's field begins in `source`; only kept for the items of a container. */
  tagStart = 0;
  start = 0;
  end = 0;
  indexed = false;
  /** Something was edited (or dropped) and not yet emitted. */
  dirty = false;
  dropped = false;
  /** Edited bytes: whole encoded fields, and bodies of list elements. */
  readonly scratch = new ByteWriter();

  /** By field number, where the (last) payload starts: > 0 in `source`, `~at` in `scratch`, 0 = absent. */
  private readonly at: Int32Array;
  /** By field number, the encoded field in `scratch` that replaces the original; UNTOUCHED, or from === to when cleared. */
  private readonly patchFrom: Int32Array;
  private readonly patchTo: Int32Array;
  private patched = false;

  constructor(shape: MessageShape, parent: WireMessage | null = null, parentField = 0) {
    this.shape = shape;
    this.parent = parent;
    this.parentField = parentField;
    this.at = new Int32Array(shape.fieldsEnd);
    this.patchFrom = new Int32Array(shape.fieldsEnd).fill(UNTOUCHED);
    this.patchTo = new Int32Array(shape.fieldsEnd);
    this.lists = shape.lists.map((field) => new ElementList(this, field));
    this.subs = Array.from({ length: shape.fieldsEnd }, () => null);
    for (const [field, sub] of shape.subs) this.subs[field] = new WireMessage(sub, this, field);
  }

  /** Moves to the message body `[start, end)` of `source`; edits not emitted are forgotten. */
  bind(source: Uint8Array, start: number, end: number): void {
    this.source = source;
    this.start = start;
    this.end = end;
    if (this.indexed || this.dirty) this.reset();
  }

  /** Forgets the index and the edits. */
  reset(): void {
    this.indexed = false;
    this.dropped = false;
    if (this.derived !== null) this.derived.reset();
    if (this.shape.subs.length > 0) for (const [field] of this.shape.subs) this.subs[field]!.reset();
    if (!this.dirty) return;
    this.dirty = false;
    this.scratch.length = 0;
    if (this.patched) {
      this.patched = false;
      this.patchFrom.fill(UNTOUCHED);
    }
  }

  ensureIndexed(): void {
    if (!this.indexed) this.index();
  }

  /** Finds all fields once; see "index lazily" in benchmarks/micro/otlp.ts. */
  private index(): void {
    if (this.parentField !== 0) this.bindToParent();
    const { at, lists } = this;
    const kinds = this.shape.kinds;
    const fieldsEnd = at.length;
    for (let i = 0; i < fieldsEnd; i++) at[i] = 0;
    for (let i = 0; i < lists.length; i++) lists[i].reset();

    // The attributes are filled in here, not through their list: they are most of the fields of most items.
    const attributes = lists.length > 0 ? lists[0] : null;
    let slots = attributes === null ? NO_SLOTS : attributes.slots;
    let slot = 0;

    const source = this.source;
    const end = this.end;
    let pos = this.start;
    while (pos < end) {
      const fieldStart = pos;
      let tag = source[pos];
      if (tag < 0x80 && tag >= 8) {
        pos++;
      } else {
        tag = tagAt(source, pos, end);
        pos = varintEnd(source, pos, end);
      }
      const field = tag >>> 3;
      const kind = field < fieldsEnd ? kinds[field] : 0;
      if ((tag & 7) === LEN) {
        const payload = pos;
        let length = pos < end ? source[pos] : 0x80;
        if (length < 0x80) {
          pos++;
          if (length > end - pos) malformed(`length ${length} exceeds the ${end - pos} bytes left`, payload);
        } else {
          length = lengthAt(source, pos, end);
          pos = varintEnd(source, pos, end);
        }
        const next = pos + length;
        if (kind === LIST) {
          if (slot === slots.length) slots = attributes!.grow();
          slots[slot] = fieldStart;
          slots[slot + 1] = next;
          slots[slot + START] = pos;
          slots[slot + END] = next;
          slot += SLOT;
        } else if (kind > LIST) {
          lists[kind - LIST].addOriginal(fieldStart, pos, next);
        } else if (kind === SINGULAR_LEN) {
          at[field] = payload;
        }
        pos = next;
      } else {
        if (kind === (tag & 7) + 1) at[field] = pos;
        pos = skipField(source, pos, end, tag);
      }
    }
    if (attributes !== null) attributes.count = attributes.originals = slot / SLOT;
    this.indexed = true;
    if (this.derived !== null) this.derived.found();
  }

  private bindToParent(): void {
    const parent = this.parent!;
    parent.ensureIndexed();
    const at = parent.at[this.parentField];
    this.source = parent.source;
    if (at <= 0) {
      this.start = 0;
      this.end = 0;
    } else {
      this.start = varintEnd(parent.source, at, parent.end);
      this.end = this.start + lengthAt(parent.source, at, parent.end);
    }
  }

  markDirty(): void {
    let message: WireMessage | null = this;
    while (message !== null && !message.dirty) {
      // A message that nobody has read yet still carries the marks of its last place.
      message.ensureIndexed();
      message.dirty = true;
      message = message.parent;
    }
  }

  /** Marks the whole message as to be left out. */
  drop(): void {
    this.dropped = true;
    this.dirty = true;
    this.parent?.markDirty();
  }

  /** Where all occurrences of `field` are found: the message, or the patch that replaced them. */
  rangeOf(field: number): readonly [bytes: Uint8Array, start: number, end: number] {
    this.ensureIndexed();
    const from = this.patchFrom[field];
    return from === UNTOUCHED ? [this.source, this.start, this.end] : [this.scratch.bytes, from, this.patchTo[field]];
  }

  /** Where the payload of a singular field starts: 0 when absent. Its bytes are `fieldBytes(field)`. */
  payload(field: number): number {
    if (!this.indexed) this.index();
    const at = this.at[field];
    return at >= 0 ? at : ~at;
  }

  /** The buffer that `payload(field)` refers to. */
  fieldBytes(field: number): Uint8Array {
    return this.at[field] >= 0 ? this.source : this.scratch.bytes;
  }

  has(field: number): boolean {
    if (!this.indexed) this.index();
    return this.at[field] !== 0;
  }

  /** The singular submessage in `field`; it can be read and edited even where it is absent. */
  sub(field: number): WireMessage {
    return this.subs[field]!;
  }

  /** Removes every occurrence of `field`. */
  clear(field: number): void {
    this.markDirty();
    this.patched = true;
    this.patchFrom[field] = this.scratch.length;
    this.patchTo[field] = this.scratch.length;
    this.at[field] = 0;
  }

  /** Prepares a replacement: write the whole field to the result, then call `endPatch` with where it began. */
  beginPatch(): ByteWriter {
    this.markDirty();
    return this.scratch;
  }

  endPatch(field: number, from: number): void {
    this.patched = true;
    this.patchFrom[field] = from;
    this.patchTo[field] = this.scratch.length;
    this.at[field] = ~(from + (field < 16 ? 1 : 2));
  }

  /** The message's fields with the overlay applied, appended to `out` without a length. */
  writeBody(out: ByteWriter): void {
    this.ensureIndexed();
    const splicer = new Splicer(this.source, this.start, out);
    if (this.dirty) this.emit(splicer, this.start, this.end);
    splicer.flush(this.end);
  }

  /**
   * Splices the overlay into the fields at `[start, end)` of the splicer's source: the place that was indexed, or a copy of
   * it in which only fields that this shape ignores have changed.
   */
  emit(splicer: Splicer, start: number, end: number): void {
    if (this.derived !== null) this.derived.settle();
    let dirtyList: ElementList | null = null;
    let dirtyLists = 0;
    for (let i = 0; i < this.lists.length; i++) {
      const list = this.lists[i];
      list.commitCursor();
      list.beginEmit();
      if (!list.dirty) continue;
      dirtyList = list;
      dirtyLists++;
    }
    // The usual edit touches attributes only; their places are known, so that the fields need not be walked again.
    if (
      dirtyLists === 1 &&
      !this.patched &&
      start === this.start &&
      splicer.source === this.source &&
      !this.hasDirtySub()
    ) {
      dirtyList!.emitOriginals(splicer);
      splicer.flush(end);
      dirtyList!.emitAppended(splicer);
      return;
    }
    const done = this.emitOriginals(splicer, start, end);
    splicer.flush(end);
    for (let field = 1; field < this.at.length; field++) {
      if ((done >>> field) & 1) continue;
      const from = this.patchFrom[field];
      if (from !== UNTOUCHED) splicer.out.append(this.scratch.bytes, from, this.patchTo[field]);
      else if (this.subs[field]?.dirty === true) this.emitSub(splicer, field, end, end);
    }
    for (const list of this.lists) if (list.dirty) list.emitAppended(splicer);
  }

  private hasDirtySub(): boolean {
    const subs = this.shape.subs;
    for (let i = 0; i < subs.length; i++) if (this.subs[subs[i][0]]!.dirty) return true;
    return false;
  }

  /** Returns a bit for every field that was emitted. */
  private emitOriginals(splicer: Splicer, start: number, end: number): number {
    const source = splicer.source;
    const kinds = this.shape.kinds;
    const fieldsEnd = this.at.length;
    let done = 0;
    let pos = start;
    while (pos < end) {
      const fieldStart = pos;
      let tag = source[pos];
      if (tag < 0x80 && tag >= 8) {
        pos++;
      } else {
        tag = tagAt(source, pos, end);
        pos = varintEnd(source, pos, end);
      }
      const next = skipField(source, pos, end, tag);
      const field = tag >>> 3;
      const kind = field < fieldsEnd ? kinds[field] : 0;
      if (kind >= LIST) {
        const list = this.lists[kind - LIST];
        if (list.dirty && (tag & 7) === LEN) list.emitOriginal(splicer, fieldStart, next);
      } else if (kind === (tag & 7) + 1 || kind === REPEATED_SCALAR) {
        if (this.patchFrom[field] !== UNTOUCHED) {
          splicer.skip(fieldStart, next);
          // Where a field comes more than once, all occurrences go, so that none shines through.
          if (((done >>> field) & 1) === 0)
            splicer.out.append(this.scratch.bytes, this.patchFrom[field], this.patchTo[field]);
          done |= 1 << field;
        } else if (this.subs[field]?.dirty === true) {
          splicer.skip(fieldStart, next);
          if (!occurs(source, next, end, tag)) {
            splicer.copied = varintEnd(source, pos, end);
            this.emitSub(splicer, field, splicer.copied, next);
            done |= 1 << field;
          }
        }
      }
      pos = next;
    }
    return done;
  }

  /** Writes a submessage anew from its body `[start, end)` in the input; everything before it is copied. */
  private emitSub(splicer: Splicer, field: number, start: number, end: number): void {
    const mark = splicer.out.openField(field);
    const sub = this.subs[field]!;
    sub.emit(splicer, start, end);
    splicer.flush(end);
    splicer.out.close(mark);
  }
}

/** Whether a field with this tag follows. */
function occurs(source: Uint8Array, start: number, end: number, tag: number): boolean {
  let pos = start;
  while (pos < end) {
    const next = tagAt(source, pos, end);
    if (next === tag) return true;
    pos = skipField(source, varintEnd(source, pos, end), end, next);
  }
  return false;
}
