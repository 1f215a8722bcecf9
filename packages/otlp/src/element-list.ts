import { NO_KEY } from './key.ts';
import type { Splicer } from './splicer.ts';
import type { WireMessage } from './wire-message.ts';

/** As a slot's start: the element is gone. */
export const REMOVED = -0x80000000;
/** Numbers in an element's slot, which of them are the body's, and where the field begins that holds a body in scratch. */
export const SLOT = 5;
export const START = 2;
export const END = 3;
const FIELD = 4;
const CAPACITY_MIN = 16;
/** Marks cost as much as some searches, and make the others cheap. */
const SEARCHES_FOR_MARKS = 6;

/** A repeated submessage of one message, with an overlay: elements replaced, removed and appended. */
export class ElementList {
  readonly owner: WireMessage;
  readonly field: number;
  /**
   * A slot an element: where its field lay in the owner's source (from, to), and where its body is now (START, END). A START
   * >= 0 lies in the owner's source, `~START` in the owner's scratch, and REMOVED says that the element is gone.
   */
  slots: Int32Array = new Int32Array(CAPACITY_MIN * SLOT);
  /** By element, of the first `marked` ones: the mark of its key (see key.ts). For attributes that are searched often. */
  marks: Int32Array = new Int32Array(CAPACITY_MIN);
  marked = 0;
  /** How often an element was searched for in this message, and whether that was often in the message before it. */
  searches = 0;
  isSearchedOften = false;
  /** Elements, with removed and appended ones. */
  count = 0;
  /** Elements that are in the source. */
  originals = 0;
  dirty = false;
  /** The cursor that is lent out over one element, and that element; its edits are taken over by `commitCursor`. */
  cursor: WireMessage | null = null;
  cursorIndex = -1;
  /** Rises whenever the cursor is moved by somebody; iterators notice. */
  session = 0;
  private emitted = 0;

  constructor(owner: WireMessage, field: number) {
    this.owner = owner;
    this.field = field;
  }

  reset(): void {
    this.count = 0;
    this.originals = 0;
    this.marked = 0;
    this.isSearchedOften = this.searches >= SEARCHES_FOR_MARKS;
    this.searches = 0;
    this.dirty = false;
    if (this.cursor !== null) {
      this.session++;
      this.cursor.reset();
      this.cursorIndex = -1;
    }
  }

  /** Called while the owner indexes its fields. */
  addOriginal(fieldStart: number, start: number, end: number): void {
    const at = this.count * SLOT;
    if (at === this.slots.length) this.grow();
    const slots = this.slots;
    slots[at] = fieldStart;
    slots[at + 1] = end;
    slots[at + START] = start;
    slots[at + END] = end;
    this.originals = ++this.count;
  }

  grow(): Int32Array {
    const larger = new Int32Array(this.slots.length * 2);
    larger.set(this.slots);
    this.slots = larger;
    const marks = new Int32Array(this.marks.length * 2);
    marks.set(this.marks);
    this.marks = marks;
    return larger;
  }

  isRemoved(index: number): boolean {
    return this.slots[index * SLOT + START] === REMOVED;
  }

  /** Elements that are left. */
  get size(): number {
    this.owner.ensureIndexed();
    let size = 0;
    for (let i = 0; i < this.count; i++) if (this.slots[i * SLOT + START] !== REMOVED) size++;
    return size;
  }

  /** The buffer in which element `index` lies, from `startOf` to `endOf`. */
  bytesOf(index: number): Uint8Array {
    return this.slots[index * SLOT + START] >= 0 ? this.owner.source : this.owner.scratch.bytes;
  }

  startOf(index: number): number {
    const start = this.slots[index * SLOT + START];
    return start >= 0 ? start : ~start;
  }

  endOf(index: number): number {
    return this.slots[index * SLOT + END];
  }

  remove(index: number): void {
    this.slots[index * SLOT + START] = REMOVED;
    this.marks[index] = NO_KEY;
    this.markDirty();
  }

  /** Begins an element: write its body to the owner's scratch, and hand the result to `replace` or `append`. */
  begin(): number {
    return this.owner.scratch.openField(this.field);
  }

  /** Element `index` becomes what was begun at `mark`. */
  replace(index: number, mark: number): void {
    const scratch = this.owner.scratch;
    const size = scratch.length - mark;
    scratch.close(mark);
    this.place(index, mark - 1 - (this.field < 16 ? 1 : 2), scratch.length - size);
  }

  /** Element `index` is what was begun at `mark`, which says the same in other words: nothing has been edited. */
  rephrase(index: number, mark: number): void {
    const scratch = this.owner.scratch;
    const size = scratch.length - mark;
    scratch.close(mark);
    this.put(index, mark - 1 - (this.field < 16 ? 1 : 2), scratch.length - size);
  }

  /** What was begun at `mark` becomes a new last element. */
  append(mark: number): void {
    if (this.count * SLOT === this.slots.length) this.grow();
    this.replace(this.count++, mark);
  }

  /** Element `index` becomes the body from `start` to the end of the owner's scratch; `field` is where its field begins. */
  place(index: number, field: number, start: number): void {
    this.put(index, field, start);
    this.markDirty();
  }

  private put(index: number, field: number, start: number): void {
    const at = index * SLOT;
    const slots = this.slots;
    slots[at + START] = ~start;
    slots[at + END] = this.owner.scratch.length;
    slots[at + FIELD] = field;
  }

  /** Appends an empty element and moves the cursor to it. */
  appendEmpty(cursor: WireMessage): void {
    this.owner.ensureIndexed();
    this.commitCursor();
    this.session++;
    this.cursor = cursor;
    this.append(this.begin());
    this.cursorIndex = this.count - 1;
    cursor.bind(this.owner.scratch.bytes, this.owner.scratch.length, this.owner.scratch.length);
  }

  removeAll(): void {
    for (let i = 0; i < this.count; i++) this.slots[i * SLOT + START] = REMOVED;
    this.marks.fill(NO_KEY);
    if (this.count > 0) this.markDirty();
  }

  private markDirty(): void {
    this.dirty = true;
    this.owner.markDirty();
  }

  /** Moves the cursor to the next element after `index` that is left; -1 when there is none. */
  moveCursor(index: number): number {
    this.commitCursor();
    this.owner.ensureIndexed();
    for (let i = index + 1; i < this.count; i++) {
      if (this.slots[i * SLOT + START] === REMOVED) continue;
      this.cursorIndex = i;
      this.cursor!.bind(this.bytesOf(i), this.startOf(i), this.endOf(i));
      return i;
    }
    this.cursorIndex = -1;
    return -1;
  }

  /** Takes over what was edited through the cursor. */
  commitCursor(): void {
    const cursor = this.cursor;
    if (cursor === null || this.cursorIndex < 0 || !cursor.dirty) return;
    if (cursor.dropped) {
      this.remove(this.cursorIndex);
    } else {
      const scratch = this.owner.scratch;
      const mark = this.begin();
      cursor.writeBody(scratch);
      this.replace(this.cursorIndex, mark);
      cursor.bind(scratch.bytes, this.startOf(this.cursorIndex), scratch.length);
      return;
    }
    cursor.reset();
    this.cursorIndex = -1;
  }

  beginEmit(): void {
    this.emitted = 0;
  }

  /** Emits the next original element, whose field lies in the input at `[fieldStart, fieldEnd)`. */
  emitOriginal(splicer: Splicer, fieldStart: number, fieldEnd: number): void {
    const index = this.emitted++;
    const start = this.slots[index * SLOT + START];
    if (start >= 0) return;
    splicer.skip(fieldStart, fieldEnd);
    if (start !== REMOVED) this.emitScratch(splicer, index);
  }

  /** Emits all originals, where the splicer's source is the owner's. */
  emitOriginals(splicer: Splicer): void {
    const slots = this.slots;
    for (let i = 0; i < this.originals; i++) {
      const start = slots[i * SLOT + START];
      if (start >= 0) continue;
      splicer.skip(slots[i * SLOT], slots[i * SLOT + 1]);
      if (start !== REMOVED) this.emitScratch(splicer, i);
    }
  }

  /** Emits what was appended; the input before it has been copied. What lies together is copied together. */
  emitAppended(splicer: Splicer): void {
    const slots = this.slots;
    const bytes = this.owner.scratch.bytes;
    let from = 0;
    let to = 0;
    for (let at = this.originals * SLOT; at < this.count * SLOT; at += SLOT) {
      if (slots[at + START] === REMOVED) continue;
      if (slots[at + FIELD] !== to) {
        if (to > from) splicer.out.append(bytes, from, to);
        from = slots[at + FIELD];
      }
      to = slots[at + END];
    }
    if (to > from) splicer.out.append(bytes, from, to);
  }

  private emitScratch(splicer: Splicer, index: number): void {
    const at = index * SLOT;
    splicer.out.append(this.owner.scratch.bytes, this.slots[at + FIELD], this.slots[at + END]);
  }
}
