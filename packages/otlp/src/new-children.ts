import { ByteWriter } from './byte-writer.ts';

/** A message that is being made: asked for its fields when it is complete. */
export interface Writable {
  /** Appends the fields, without a length in front. */
  writeBody(out: ByteWriter): void;
}

/** Encoded submessages in order. The last one may still be filled: it is encoded when the next begins or the list is read. */
export class NewChildren {
  private readonly encoded = new ByteWriter();
  private pending: Writable | null = null;
  private pendingField = 0;

  begin(child: Writable, field: number): void {
    this.settle();
    this.pending = child;
    this.pendingField = field;
  }

  /** Adds what `child` is now. */
  add(child: Writable, field: number): void {
    this.begin(child, field);
    this.settle();
  }

  writeTo(out: ByteWriter): void {
    this.settle();
    out.append(this.encoded.bytes, 0, this.encoded.length);
  }

  private settle(): void {
    const pending = this.pending;
    if (pending === null) return;
    this.pending = null;
    const mark = this.encoded.openField(this.pendingField);
    pending.writeBody(this.encoded);
    this.encoded.close(mark);
  }
}
