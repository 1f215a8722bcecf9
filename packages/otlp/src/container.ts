import { ByteWriter } from './byte-writer.ts';
import { childRange, copyFields, countChildren, headerOf, type ChildMask } from './child-fields.ts';
import { NewChildren, type Writable } from './new-children.ts';
import { Splicer } from './splicer.ts';
import { copyBytes, LEN, lengthAt, malformed, skipField, tagAt, varintEnd } from './wire.ts';
import { WireMessage } from './wire-message.ts';
import type { MessageShape } from './message-shape.ts';

/**
 * A message whose children (resources, scopes, items, ...) are visited one after the other by a reused cursor, and whose edits
 * go to the one output of the chunk as a stream.
 *
 * Order of events: `openAt` (by the parent), any number of `advance` (each commits the child before), `close`. The container's
 * own fields (`own`) may be edited at any time while it is open; they are applied at `close`, at the price of one more copy of
 * this container if edited children have been written already.
 */
export class Container {
  readonly parent: Container | null;
  /** The container's own fields, without its children. */
  readonly own: WireMessage;
  readonly childMask: ChildMask;
  /** Exactly one of `child` and `leaf` is set: what lies below. */
  child: Container | null = null;
  leaf: WireMessage | null = null;
  /** Where the kind of leaf depends on the field that this container lies in (data points), the leaf by field number. */
  leaves: readonly WireMessage[] | null = null;
  /** The view that shows this container to users. */
  view: unknown = null;

  splicer: Splicer;
  isOpen = false;
  /** Rises with every new iteration of the children, or of those of a container above; iterators notice. */
  session = 0;
  /** Rises with every move of this cursor. */
  opened = 0;
  /** The field of the parent that this container lies in. */
  field = 0;
  source: Uint8Array;
  tagStart = 0;
  start = 0;
  end = 0;
  private next = 0;

  /** The output positions are known: something in here is or may be written. */
  private touched = false;
  private outTag = 0;
  private outStart = 0;
  private lengthWidth = 0;
  private originalLength = 0;
  /** The source is a copy of its own (see `rebase`); the parent goes on in its own source at `resumeAt`. */
  private rebased = false;
  private resumeAt = 0;

  private isDropped = false;
  private droppedChildren = 0;
  private hasLostChildren = false;
  /** Children to be written at the end. */
  private added: NewChildren | null = null;
  /** The source without the children, once somebody asked for it. */
  private header: Uint8Array | null = null;

  constructor(parent: Container | null, shape: MessageShape, childFields: readonly number[], splicer: Splicer) {
    this.parent = parent;
    this.own = new WireMessage(shape);
    this.childMask = childFields.reduce((mask, field) => mask | (1 << field), 0);
    this.splicer = splicer;
    this.source = splicer.source;
    if (parent !== null) parent.child = this;
  }

  /** The field that children lie in, where there is only one. */
  get childField(): number {
    return 31 - Math.clz32(this.childMask);
  }

  get dropped(): boolean {
    return this.isDropped;
  }

  openAt(source: Uint8Array, tagStart: number, start: number, end: number, field: number): void {
    this.isOpen = true;
    this.opened++;
    this.header = null;
    this.field = field;
    this.source = source;
    this.tagStart = tagStart;
    this.start = start;
    this.end = end;
    this.next = start;
    this.touched = false;
    this.rebased = false;
    this.isDropped = false;
    this.droppedChildren = 0;
    this.hasLostChildren = false;
    this.added = null;
    this.own.bind(source, start, end);
    if (this.leaves !== null) this.leaf = this.leaves[field]!;
  }

  /** Commits the current child and moves to the next. The hot loop of every iteration: "walk" in benchmarks/micro/otlp.ts. */
  advance(): boolean {
    this.commitChild();
    if (this.isDropped) return false;
    const source = this.source;
    const end = this.end;
    let pos = this.next;
    while (pos < end) {
      const tagStart = pos;
      let tag = source[pos];
      if (tag < 0x80 && tag >= 8) {
        pos++;
      } else {
        tag = tagAt(source, pos, end);
        pos = varintEnd(source, pos, end);
      }
      if ((tag & 7) !== LEN) {
        pos = skipField(source, pos, end, tag);
        continue;
      }
      const payload = pos;
      let length = pos < end ? source[pos] : 0x80;
      if (length < 0x80) {
        pos++;
        if (length > end - pos) malformed(`length ${length} exceeds the ${end - pos} bytes left`, payload);
      } else {
        length = lengthAt(source, pos, end);
        pos = varintEnd(source, pos, end);
      }
      const field = tag >>> 3;
      if (field < 32 && ((this.childMask >>> field) & 1) === 1) {
        this.next = pos + length;
        if (this.child === null) {
          const leaf = this.leaf!;
          leaf.tagStart = tagStart;
          leaf.bind(source, pos, pos + length);
        } else {
          this.child.openAt(source, tagStart, pos, pos + length, field);
        }
        return true;
      }
      pos += length;
    }
    this.next = end;
    return false;
  }

  private commitChild(): void {
    if (this.child !== null) {
      if (this.child.isOpen) this.child.close();
    } else if (this.leaf!.dirty) {
      this.commitLeaf(this.leaf!);
    }
  }

  private commitLeaf(leaf: WireMessage): void {
    if (this.isDropped) {
      leaf.reset();
      return;
    }
    this.touch();
    const splicer = this.splicer;
    if (leaf.dropped) {
      splicer.skip(leaf.tagStart, leaf.end);
      this.droppedChildren++;
    } else {
      const outStart = splicer.outputOf(leaf.start);
      leaf.emit(splicer, leaf.start, leaf.end);
      const outEnd = splicer.outputOf(leaf.end);
      // A changed length means that something past the prefix was written; where nothing was, there is nothing to correct.
      if (outEnd - outStart !== leaf.end - leaf.start) {
        splicer.fixLength(outStart, outEnd, leaf.start - varintEnd(leaf.source, leaf.tagStart, leaf.end));
      }
    }
    leaf.bind(leaf.source, leaf.end, leaf.end);
  }

  /** Notes where this container will lie in the output; must come before the first splice in here. */
  private touch(): void {
    if (this.touched) return;
    this.parent?.touch();
    this.touched = true;
    this.outTag = this.splicer.outputOf(this.tagStart);
    this.outStart = this.splicer.outputOf(this.start);
    this.originalLength = this.end - this.start;
    this.lengthWidth = this.parent === null ? 0 : this.start - varintEnd(this.source, this.tagStart, this.start);
  }

  /** Removes this container with everything in it. */
  drop(): void {
    this.isDropped = true;
  }

  /** A new child, written behind the others: it may be filled until the next one or the container's end. */
  add(child: Writable, field: number): void {
    this.added ??= new NewChildren();
    this.added.begin(child, field);
  }

  /** Starts over at the first child, with all edits so far in place. */
  restart(): void {
    this.commitChild();
    this.invalidateIterators();
    if (this.isDropped) return;
    if (this.splicer.copied > this.start || this.added !== null) {
      this.rebase();
      if (this.own.dirty || this.added !== null) this.applyToCopy();
      this.own.bind(this.source, this.start, this.end);
    }
    this.next = this.start;
  }

  invalidateIterators(): void {
    for (let level: Container | null = this; level !== null; level = level.child) level.session++;
  }

  /**
   * Makes what this container is now (the part that was written and the part that was not) its source, and takes it back from
   * the output. The fields of `own` are the same as before, at other positions.
   */
  private rebase(): void {
    this.touch();
    const splicer = this.splicer;
    splicer.flush(this.start);
    const written = splicer.out.length - this.outStart;
    const copy = new Uint8Array(written + this.end - splicer.copied);
    copyBytes(splicer.out.bytes, this.outStart, splicer.out.length, copy, 0);
    copyBytes(this.source, splicer.copied, this.end, copy, written);
    splicer.out.length = this.outStart;
    if (!this.rebased) {
      this.rebased = true;
      this.resumeAt = this.end;
    }
    this.hasLostChildren ||= this.droppedChildren > 0;
    this.droppedChildren = 0;
    this.useSource(copy);
  }

  private useSource(bytes: Uint8Array): void {
    this.source = bytes;
    this.header = null;
    this.start = 0;
    this.end = bytes.length;
    this.next = this.end;
    this.splicer.source = bytes;
    this.splicer.copied = 0;
  }

  /**
   * Writes the edited own fields in place of those that were written before the first child, and moves the children; fields
   * behind the last child come along. False when own fields lie between children, too: then nothing was done.
   */
  private replaceWrittenHeader(): boolean {
    const { source, splicer } = this;
    const children = childRange(source, this.start, this.end, this.childMask);
    if (children === null) return false;
    const header = new ByteWriter();
    header.append(source, this.start, children.start);
    header.append(source, children.end, this.end);
    const edited = new ByteWriter();
    const onHeader = new Splicer(header.view(), 0, edited);
    this.own.emit(onHeader, 0, header.length);
    onHeader.flush(header.length);

    splicer.flush(children.end);
    splicer.copied = this.end;
    splicer.replace(this.outStart, children.start - this.start, edited);
    this.own.bind(source, this.start, this.end);
    return true;
  }

  private applyToCopy(): void {
    const splicer = new Splicer(this.source, 0, new ByteWriter(undefined, this.source.length + 64));
    this.emitOwn(splicer);
    splicer.flush(this.end);
    this.useSource(splicer.out.take());
  }

  private emitOwn(splicer: Splicer): void {
    if (this.own.dirty) this.own.emit(splicer, this.start, this.end);
    if (this.added === null) return;
    splicer.flush(this.end);
    this.added.writeTo(splicer.out);
    this.added = null;
  }

  /** Commits everything that was edited in here. */
  close(): void {
    if (!this.isOpen) return;
    this.commitChild();
    this.isOpen = false;
    if (this.isDropped || this.isEmptied()) {
      this.erase();
      return;
    }
    // What the children need may be written only now that they are all known.
    if (this.own.derived !== null) this.own.derived.settle();
    const splicer = this.splicer;
    if (this.own.dirty || this.added !== null) {
      if (this.own.dirty && splicer.copied > this.start && !this.replaceWrittenHeader()) this.rebase();
      this.touch();
      this.emitOwn(splicer);
      this.own.bind(this.source, this.start, this.end);
    }
    if (!this.touched) return;
    if (this.parent !== null) {
      const outEnd = splicer.outputOf(this.end);
      if (outEnd - this.outStart !== this.originalLength) splicer.fixLength(this.outStart, outEnd, this.lengthWidth);
    }
    this.leaveCopy();
  }

  /** Goes back to the parent's source after a rebase. */
  private leaveCopy(): void {
    if (!this.rebased) return;
    this.splicer.flush(this.end);
    if (this.parent === null) return;
    this.splicer.source = this.parent.source;
    this.splicer.copied = this.resumeAt;
  }

  /** Whether all children are gone through drops; a container that came empty is kept. */
  private isEmptied(): boolean {
    if (this.droppedChildren === 0 && !this.hasLostChildren) return false;
    return (
      this.added === null && countChildren(this.source, this.start, this.end, this.childMask) === this.droppedChildren
    );
  }

  /** Appends the container's own fields, as edited, without any child. */
  writeHeader(out: ByteWriter): void {
    this.header ??= headerOf(this.source, this.start, this.end, this.childMask);
    const splicer = new Splicer(this.header, 0, out);
    if (this.own.dirty) this.own.emit(splicer, 0, this.header.length);
    splicer.flush(this.header.length);
  }

  headerBytes(): Uint8Array {
    const out = new ByteWriter();
    this.writeHeader(out);
    return out.take();
  }

  /** Appends everything that is in here, without a length. Call `restart` first: children's edits count once they are committed. */
  writeBody(out: ByteWriter): void {
    this.writeHeader(out);
    copyFields(this.source, this, { mask: this.childMask, children: true }, out);
    this.added?.writeTo(out);
  }

  /** Takes this container out of the output, prefix and all. */
  private erase(): void {
    const splicer = this.splicer;
    this.touch();
    const end = this.rebased ? this.resumeAt : this.end;
    if (splicer.out.length > this.outTag) {
      splicer.out.length = this.outTag;
    } else {
      splicer.flush(this.tagStart);
    }
    splicer.copied = end;
    if (this.parent === null) return;
    splicer.source = this.parent.source;
    this.parent.droppedChildren++;
  }
}
