import type { Splicer } from './splicer.ts';
import type { WireMessage } from './wire-message.ts';

/** As a slot's start: the element is gone. */
export const REMOVED = -0x80000000;
/** Numbers in an element's slot, and which of them are the body's. */
export const SLOT = 4;
export const START = 2;
export const END = 3;
const CAPACITY_MIN = 16;

/** A repeated submessage of one message, with an overlay: elements replaced, removed and appended. */
export class ElementList {
  readonly owner: WireMessage;
  readonly field: number;
  /**
   * A slot an element: where its field lay in the owner's source (from, to), and where its body is now (START, END). A START
   * >= 0 lies in the owner's source, `~START` in the owner's scratch, and REMOVED says that the element is gone.
   */
  slots: Int32Array = new Int32Array(CAPACITY_MIN * SLOT);
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
    this.markDirty();
  }

  /** Element `index` becomes what the owner's scratch holds from `from` to its end. */
  replace(index: number, from: number): void {
    this.slots[index * SLOT + START] = ~from;
    this.slots[index * SLOT + END] = this.owner.scratch.length;
    this.markDirty();
  }

  /** What the owner's scratch holds from `from` to its end becomes a new last element. Returns its index. */
  append(from: number): number {
    if (this.count * SLOT === this.slots.length) this.grow();
    this.replace(this.count, from);
    return this.count++;
  }

  /** Appends an empty element and moves the cursor to it. */
  appendEmpty(cursor: WireMessage): void {
    this.owner.ensureIndexed();
    this.commitCursor();
    this.session++;
    this.cursor = cursor;
    this.cursorIndex = this.append(this.owner.scratch.length);
    cursor.bind(this.owner.scratch.bytes, this.owner.scratch.length, this.owner.scratch.length);
  }

  removeAll(): void {
    for (let i = 0; i < this.count; i++) this.slots[i * SLOT + START] = REMOVED;
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
      const from = scratch.length;
      cursor.writeBody(scratch);
      this.replace(this.cursorIndex, from);
      cursor.bind(scratch.bytes, from, scratch.length);
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

  /** Emits what was appended; the input before it has been copied. */
  emitAppended(splicer: Splicer): void {
    for (let i = this.originals; i < this.count; i++)
      if (this.slots[i * SLOT + START] !== REMOVED) this.emitScratch(splicer, i);
  }

  private emitScratch(splicer: Splicer, index: number): void {
    splicer.out.bytesField(
      this.field,
      this.owner.scratch.bytes,
      ~this.slots[index * SLOT + START],
      this.slots[index * SLOT + END],
    );
  }
}
