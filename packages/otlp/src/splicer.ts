import { putPaddedVarint32, putVarint32, type ByteWriter } from './byte-writer.ts';
import { copyBytes, moveBytes, varintSize } from './wire.ts';

/**
 * Writes an edited copy of `source` by splices in rising order: what lies between them is copied in one run, and only when a
 * later splice (or the end) needs it. While nothing is spliced nothing is copied.
 */
export class Splicer {
  source: Uint8Array;
  /** Input up to here has been copied or skipped. */
  copied: number;
  readonly out: ByteWriter;

  constructor(source: Uint8Array, start: number, out: ByteWriter) {
    this.source = source;
    this.copied = start;
    this.out = out;
  }

  /** Copies the input that was left before `to`. */
  flush(to: number): void {
    if (to > this.copied) {
      this.out.append(this.source, this.copied, to);
      this.copied = to;
    }
  }

  /** Leaves out the input `[from, to)`. */
  skip(from: number, to: number): void {
    this.flush(from);
    this.copied = to;
  }

  /** Where in the output the input at `position` will lie, provided that nothing is spliced before it any more. */
  outputOf(position: number): number {
    return this.out.length + position - this.copied;
  }

  /** Puts `bytes` in place of `length` bytes that were written at `at`, and moves what follows. */
  replace(at: number, length: number, bytes: ByteWriter): void {
    const out = this.out;
    const shift = bytes.length - length;
    if (shift > 0) out.reserve(shift);
    if (shift !== 0) moveBytes(out.bytes, at + bytes.length, at + length, out.length);
    copyBytes(bytes.bytes, 0, bytes.length, out.bytes, at);
    out.length += shift;
  }

  /**
   * Corrects the length prefix of a message whose body begins at `outStart` of the output and ends (perhaps not copied yet)
   * at `outEnd`. The prefix keeps its width where the length fits; otherwise what follows is moved.
   */
  fixLength(outStart: number, outEnd: number, width: number): void {
    const length = outEnd - outStart;
    const needed = varintSize(length);
    const out = this.out;
    if (needed <= width) {
      putPaddedVarint32(out.bytes, outStart - width, length, width);
      return;
    }
    const shift = needed - width;
    out.reserve(shift);
    moveBytes(out.bytes, outStart + shift, outStart, out.length);
    putVarint32(out.bytes, outStart - width, length);
    out.length += shift;
  }
}
