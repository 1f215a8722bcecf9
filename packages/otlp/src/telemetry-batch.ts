import { AttributeEditor, type AttributeEdits } from './attribute-edits.ts';
import { allocateBytes, ByteWriter, type Allocate } from './byte-writer.ts';
import type { Container } from './container.ts';
import { countItems } from './count.ts';
import type { Signal } from './signal.ts';
import { splitChunks, type SplitLimits } from './split.ts';
import { Splicer } from './splicer.ts';
import { ViewIterator, type ChunkSource } from './view-iterator.ts';
import { copyBlock, noteMemory } from './wire.ts';

export interface BatchOptions {
  /** Where output for edited chunks comes from; default: plain Uint8Arrays. */
  readonly allocate?: Allocate;
}

/** Positions are kept in 31 bits. */
const CHUNK_BYTES_MAX = 2 ** 31 - 1;
const EMPTY = new Uint8Array(0);

/**
 * Telemetry of one signal as a list of OTLP export requests on the wire (chunks). Merging batches is putting their chunks into
 * one list. The bytes must stay as they are while the batch is in use; they are never written to. A chunk that nobody edits
 * stays the very same object, an edited one is replaced when the edits are committed: when the loop goes on to the next chunk,
 * when another loop starts, and whenever chunks, counts or bytes are asked for.
 *
 * Not for concurrent use, and there is one cursor per level: a second loop over the same level ends the first.
 */
export abstract class TelemetryBatch implements ChunkSource {
  abstract readonly signal: Signal;
  private list: Uint8Array[];
  protected readonly allocate: Allocate;
  private root: Container | null = null;
  /** The chunk that is open, and whether there is one. */
  private position = -1;

  protected constructor(chunks: Iterable<Uint8Array>, options: BatchOptions) {
    this.list = [...chunks];
    for (const chunk of this.list)
      if (chunk.length > CHUNK_BYTES_MAX)
        throw new RangeError(`cannot use a chunk of ${chunk.length} bytes: the limit is ${CHUNK_BYTES_MAX}`);
    this.allocate = options.allocate ?? allocateBytes;
  }

  /** The export requests, pending edits committed. */
  get chunks(): readonly Uint8Array[] {
    this.commit();
    return this.list;
  }

  /** Log records, spans or data points, as the Collector counts. */
  get itemCount(): number {
    let count = 0;
    for (const chunk of this.chunks) count += countItems(this.signal, chunk);
    return count;
  }

  get byteLength(): number {
    let length = 0;
    for (const chunk of this.chunks) length += chunk.length;
    return length;
  }

  /** One export request with everything. A single chunk is returned as it is, several are concatenated. */
  toBytes(): Uint8Array {
    const chunks = this.chunks;
    if (chunks.length === 1) return chunks[0];
    const bytes = new Uint8Array(this.byteLength);
    this.writeTo(bytes, 0);
    return bytes;
  }

  /** Writes what `toBytes` returns into `target`, and returns the offset behind it. */
  writeTo(target: Uint8Array, offset: number): number {
    let at = offset;
    for (const chunk of this.chunks) {
      copyBlock(chunk, target, at);
      at += chunk.length;
    }
    return at;
  }

  /**
   * The same items in batches within the limits, in order, each filled as far as it goes. Chunks that fit are shared with this
   * batch; others are cut, and the headers around the items repeated.
   */
  split(limits: SplitLimits): this[] {
    return splitChunks(this.signal, this.chunks, limits, this.allocate).map((chunks) => this.withChunks(chunks));
  }

  /** Makes the same edits to the attributes of every item, and ends any loop. @throws TypeError for profiles */
  editAttributes(edits: AttributeEdits): void {
    const { signal } = this;
    if (signal === 'profiles') throw new TypeError('cannot edit attributes of profiles: they are passed through');
    this.commit();
    this.root?.invalidateIterators();
    const editor = new AttributeEditor(signal, edits, this.allocate);
    for (let i = 0; i < this.list.length; i++) {
      const chunk = plain(this.list[i]);
      noteMemory(chunk);
      const edited = editor.edit(chunk);
      if (edited !== chunk) this.list[i] = edited;
    }
    this.removeEmptyChunks();
  }

  /** A batch of the same signal. */
  protected abstract withChunks(chunks: Iterable<Uint8Array>): this;

  /** Writes all pending edits into the chunks and ends any loop. */
  commit(): void {
    if (this.position < 0) return;
    this.finishChunk();
    this.position = -1;
    this.removeEmptyChunks();
  }

  private removeEmptyChunks(): void {
    if (this.list.some((chunk) => chunk.length === 0)) this.list = this.list.filter((chunk) => chunk.length > 0);
  }

  /** @internal Called by iterators. */
  openNextChunk(): boolean {
    if (this.position >= 0) this.finishChunk();
    if (++this.position >= this.list.length) {
      this.commit();
      this.position = this.list.length;
      return false;
    }
    const root = this.root!;
    const chunk = plain(this.list[this.position]);
    noteMemory(chunk);
    const splicer = root.splicer;
    splicer.source = chunk;
    splicer.copied = 0;
    // Edits seldom grow a chunk by more than an eighth; where they do, the writer grows.
    splicer.out.capacityMin = chunk.length + (chunk.length >>> 3) + 256;
    root.openAt(chunk, 0, 0, chunk.length, 0);
    return true;
  }

  private finishChunk(): void {
    const root = this.root!;
    if (this.position >= this.list.length || !root.isOpen) return;
    root.close();
    const splicer = root.splicer;
    if (splicer.copied === 0 && splicer.out.length === 0) return;
    splicer.flush(root.end);
    this.list[this.position] = splicer.out.take();
  }

  /** Begins a loop over the children of `container` in all chunks. */
  protected iterate<T>(container: Container): ViewIterator<T> {
    this.commit();
    this.position = -1;
    this.root!.invalidateIterators();
    return new ViewIterator<T>(container, this);
  }

  /** A splicer for the views of this batch. */
  protected makeSplicer(): Splicer {
    return new Splicer(EMPTY, 0, new ByteWriter(this.allocate));
  }

  protected useRoot(root: Container): void {
    this.root = root;
  }
}

/** Buffers become plain Uint8Arrays, so that hot loops see one kind of array. */
function plain(chunk: Uint8Array): Uint8Array {
  return chunk.constructor === Uint8Array ? chunk : new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
