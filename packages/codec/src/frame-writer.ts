import { CodecError } from './codec-error.ts';
import { CONCATENABLE_CODECS, assertLevel, type ConcatenableCodec } from './compression-codec.ts';
import { compress } from './compress.ts';
import { concatBytes, copiedBytes, type OwnedBytes } from './owned-bytes.ts';

/** All that a {@link FrameWriter} knows: plain data, which may be handed to another thread and continued there. */
export interface FrameWriterState {
  readonly codec: ConcatenableCodec;
  readonly level: number | undefined;
  /** Input is compressed when this much has come together, in bytes. 0: each write becomes a frame of its own. */
  readonly frameBytes: number;
  /** Written, not yet compressed. */
  readonly pending: readonly Uint8Array[];
  /** Has a frame been handed out? */
  readonly isBegun: boolean;
}

/**
 * Compresses what is written, in order, as independent frames (gzip: members), which all standard tools read as one file.
 * Synchronous, for a worker thread. What `write`, `flush` and `end` return, concatenated, is the file.
 *
 * Independent frames cost a little ratio and buy much: a torn tail damages one frame only, each can be compressed on any
 * thread, and there is no native state to carry. Whoever has whole batches calls {@link compress} for each and needs no writer.
 */
export class FrameWriter {
  readonly #codec: ConcatenableCodec;
  readonly #level: number | undefined;
  readonly #frameBytes: number;
  #pending: Uint8Array[];
  #pendingBytes: number;
  #isBegun: boolean;

  /** Begins a file, or continues where the `state` of another writer left off. */
  constructor(start: Pick<FrameWriterState, 'codec' | 'frameBytes'> & Partial<FrameWriterState>) {
    if (!CONCATENABLE_CODECS.includes(start.codec)) {
      throw new CodecError('UNSUPPORTED', `cannot write ${start.codec} in frames: its outputs cannot be concatenated`);
    }
    assertLevel(start.codec, start.level);
    this.#codec = start.codec;
    this.#level = start.level;
    this.#frameBytes = start.frameBytes;
    this.#pending = [...(start.pending ?? [])];
    this.#pendingBytes = this.#pending.reduce((sum, { byteLength }) => sum + byteLength, 0);
    this.#isBegun = start.isBegun ?? false;
  }

  get state(): FrameWriterState {
    return {
      codec: this.#codec,
      level: this.#level,
      frameBytes: this.#frameBytes,
      pending: [...this.#pending],
      isBegun: this.#isBegun,
    };
  }

  /** Takes `bytes` (copied where they must wait) and returns the frame that became ready, or nothing (length 0). */
  write(bytes: Uint8Array): OwnedBytes {
    if (bytes.byteLength === 0) return new Uint8Array(0);
    this.#pendingBytes += bytes.byteLength;
    if (this.#pendingBytes < this.#frameBytes) {
      this.#pending.push(copiedBytes(bytes));
      return new Uint8Array(0);
    }
    this.#pending.push(bytes);
    return this.flush();
  }

  /** Compresses what is pending, if anything: from then on a reader of the file sees all that was written. */
  flush(): OwnedBytes {
    if (this.#pendingBytes === 0) return new Uint8Array(0);
    return this.#frame();
  }

  /** Flushes. A file to which nothing was written gets one empty frame, as the codec's program makes for an empty file. */
  end(): OwnedBytes {
    return this.#isBegun ? this.flush() : this.#frame();
  }

  #frame(): OwnedBytes {
    const [only, ...others] = this.#pending;
    const content = only !== undefined && others.length === 0 ? only : concatBytes(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#isBegun = true;
    return compress(content, { codec: this.#codec, level: this.#level });
  }
}
