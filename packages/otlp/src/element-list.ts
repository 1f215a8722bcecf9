import type { Splicer } from './splicer.ts';
import type { WireMessage } from './wire-message.ts';

const REMOVED = -0x80000000;
const CAPACITY_MIN = 16;

/** A repeated submessage of one message, with an overlay: elements replaced, removed and appended. */
export class ElementList {
  readonly owner: WireMessage;
  readonly field: number;
  /**
   * Two numbers an element: where its body starts and ends. A start >= 0 lies in the owner's source, `~start` in the owner's
   * scratch, and REMOVED says that the element is gone.
   */
  slots = new Int32Array(CAPACITY_MIN * 2);
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
  addOriginal(start: number, end: number): void {
    const at = this.count * 2;
    if (at === this.slots.length) this.grow();
    this.slots[at] = start;
    this.slots[at + 1] = end;
    this.originals = ++this.count;
  }

  private grow(): void {
    const larger = new Int32Array(this.slots.length * 2);
    larger.set(this.slots);
    this.slots = larger;
  }

  isRemoved(index: number): boolean {
    return this.slots[index * 2] === REMOVED;
  }

  /** Elements that are left. */
  get size(): number {
    this.owner.ensureIndexed();
    let size = 0;
    for (let i = 0; i < this.count; i++) if (this.slots[i * 2] !== REMOVED) size++;
    return size;
  }

  /** The buffer in which element `index` lies, from `startOf` to `endOf`. */
  bytesOf(index: number): Uint8Array {
    return this.slots[index * 2] >= 0 ? this.owner.source : this.owner.scratch.bytes;
  }

  startOf(index: number): number {
    const start = this.slots[index * 2];
    return start >= 0 ? start : ~start;
  }

  endOf(index: number): number {
    return this.slots[index * 2 + 1];
  }

  remove(index: number): void {
    this.slots[index * 2] = REMOVED;
    this.markDirty();
  }

  /** Element `index` becomes what the owner's scratch holds from `from` to its end. */
  replace(index: number, from: number): void {
    this.slots[index * 2] = ~from;
    this.slots[index * 2 + 1] = this.owner.scratch.length;
    this.markDirty();
  }

  /** What the owner's scratch holds from `from` to its end becomes a new last element. Returns its index. */
  append(from: number): number {
    if (this.count * 2 === this.slots.length) this.grow();
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
    for (let i = 0; i < this.count; i++) this.slots[i * 2] = REMOVED;
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
      if (this.slots[i * 2] === REMOVED) continue;
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
    cursor.dirty = false;
    this.cursorIndex = -1;
  }

  beginEmit(): void {
    this.emitted = 0;
  }

  /** Emits the next original element, whose field lies in the input at `[fieldStart, fieldEnd)`. */
  emitOriginal(splicer: Splicer, fieldStart: number, fieldEnd: number): void {
    const index = this.emitted++;
    const start = this.slots[index * 2];
    if (start >= 0) return;
    splicer.skip(fieldStart, fieldEnd);
    if (start !== REMOVED) this.emitScratch(splicer, index);
  }

  /** Emits what was appended; the input before it has been copied. */
  emitAppended(splicer: Splicer): void {
    for (let i = this.originals; i < this.count; i++) if (this.slots[i * 2] !== REMOVED) this.emitScratch(splicer, i);
  }

  private emitScratch(splicer: Splicer, index: number): void {
    splicer.out.bytesField(this.field, this.owner.scratch.bytes, ~this.slots[index * 2], this.slots[index * 2 + 1]);
  }
}
