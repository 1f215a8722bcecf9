import { allocateBytes, copyBlock } from '@millrace/otlp';
import type { BatchOptions } from '@millrace/otlp';
import { SMALL_BYTES_MAX } from './arena.ts';
import { Scratch } from './scratch.ts';

/** Where a stretch of output lies. Sources: see {@link LEASE}. */
export interface ChunkRef {
  /** Index of the part whose memory it shares, {@link LEASE}, or {@link EXTRA} minus the index of an extra buffer. */
  readonly source: number;
  readonly offset: number;
  readonly length: number;
}

/** In the region that was leased for the outputs. */
export const LEASE = -1;
/** In the first buffer that was made when the lease was full; the next one is this minus one. */
export const EXTRA = -2;

/** Smallest extra buffer: several outputs share one. */
const EXTRA_BYTES_MIN = 64 * 1024;

/**
 * Puts outputs where the main thread can read them. Big stretches of unchanged input stay where they are, what the last
 * step wrote is in the leased region from the start; everything else is copied there, or into new buffers when that is full.
 */
export class OutputWriter {
  readonly extras: ArrayBufferLike[] = [];
  /** Nothing is kept: for runs that only try. */
  dry = false;
  /** The step that runs now and is the last one: large pieces that it writes go where they need no copy. */
  lastStep: object | undefined;
  /** For the batches of a run. What is not placed is gone with the next run. */
  readonly memory: BatchOptions = { allocate: (byteLength, previous) => this.#allocate(byteLength, previous) };
  readonly #scratch = new Scratch();
  /** Where in the lease the last piece of memory was given out. */
  #givenAt = -1;
  /** Who was given memory of the lease in this run. */
  #givenTo: object | undefined;
  /** Last steps that write more than what they leave: it would fill the lease, and what is to be placed would need room elsewhere. */
  readonly #wasteful = new WeakSet<object>();
  #inputs: readonly Uint8Array[] = [];
  #lease: Uint8Array = EMPTY;
  #leaseUsed = 0;
  #extraUsed = 0;
  readonly #makeBuffer: (length: number) => ArrayBufferLike;

  constructor(makeBuffer: (length: number) => ArrayBufferLike) {
    this.#makeBuffer = makeBuffer;
  }

  /** Starts a grind. */
  open(inputs: readonly Uint8Array[], lease: Uint8Array): void {
    this.#inputs = inputs;
    this.#lease = lease;
    this.#leaseUsed = 0;
    this.#extraUsed = 0;
    this.extras.length = 0;
    this.#givenAt = -1;
    this.#scratch.reset();
  }

  /** Lets go of the memory of the last grind. */
  close(): void {
    this.open([], EMPTY);
  }

  /** A point to go back to. */
  mark(): { readonly lease: number; readonly extras: number; readonly extraUsed: number } {
    return { lease: this.#leaseUsed, extras: this.extras.length, extraUsed: this.#extraUsed };
  }

  /** Forgets what was written since. */
  rewind(mark: { readonly lease: number; readonly extras: number; readonly extraUsed: number }): void {
    this.#leaseUsed = mark.lease;
    this.extras.length = mark.extras;
    this.#extraUsed = mark.extraUsed;
    this.#givenAt = -1;
  }

  /** Starts a run: nothing of the one before is left outside of what was placed. */
  begin(dry: boolean): void {
    this.dry = dry;
    this.#givenAt = -1;
    this.#givenTo = undefined;
    this.#scratch.reset();
  }

  /** One stretch, wherever it lies best. */
  placeOne(bytes: Uint8Array): ChunkRef {
    return this.#where(bytes) ?? this.#write([bytes], bytes.length);
  }

  /** All of `chunks` in one stretch. */
  placeJoined(chunks: readonly Uint8Array[]): ChunkRef {
    if (chunks.length === 1) return this.placeOne(chunks[0]);
    const joined = this.#inLease(chunks);
    if (joined !== undefined) return joined;
    return this.#write(
      chunks,
      chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    );
  }

  /** The chunks in order; small neighbours become one stretch, which for protobuf is the same. */
  placeAll(chunks: readonly Uint8Array[]): ChunkRef[] {
    const refs: ChunkRef[] = [];
    let small: Uint8Array[] = [];
    let smallBytes = 0;
    const flush = () => {
      if (small.length === 0) return;
      refs.push(this.#write(small, smallBytes));
      small = [];
      smallBytes = 0;
    };
    if (this.dry) return refs;
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      const ref = this.#where(chunk);
      if (ref === undefined) {
        small.push(chunk);
        smallBytes += chunk.length;
        continue;
      }
      flush();
      refs.push(ref);
    }
    flush();
    return refs;
  }

  /** Which input the bytes lie in, if they need no copy. */
  #where(bytes: Uint8Array): ChunkRef | undefined {
    const { buffer, byteOffset, length } = bytes;
    // Copying little costs less than what a small stretch would pin.
    if (length <= SMALL_BYTES_MAX) return undefined;
    for (let part = 0; part < this.#inputs.length; part++) {
      const input = this.#inputs[part];
      if (input.buffer === buffer && contains(input, bytes)) {
        return { source: part, offset: byteOffset - input.byteOffset, length };
      }
    }
    return this.#inLease([bytes]);
  }

  /** The stretch of the lease that chunks fill without a gap, if they do. */
  #inLease(chunks: readonly Uint8Array[]): ChunkRef | undefined {
    const lease = this.#lease;
    const start = chunks[0].byteOffset;
    let end = start;
    for (const chunk of chunks) {
      if (chunk.buffer !== lease.buffer || chunk.byteOffset !== end || !contains(lease, chunk)) return undefined;
      end += chunk.length;
    }
    this.#reclaim(chunks[chunks.length - 1]);
    return { source: LEASE, offset: start - lease.byteOffset, length: end - start };
  }

  #allocate(byteLength: number, previous: Uint8Array | undefined): Uint8Array {
    if (previous !== undefined) this.#reclaim(previous);
    // Small pieces are copied together in any case.
    const { lastStep } = this;
    if (lastStep === undefined || byteLength <= SMALL_BYTES_MAX || this.#wasteful.has(lastStep))
      return this.#scratch.take(byteLength) ?? allocateBytes(byteLength);
    const start = this.#leaseUsed;
    if (start + byteLength > this.#lease.length) return this.#scratch.take(byteLength) ?? allocateBytes(byteLength);
    this.#givenAt = start;
    this.#givenTo = lastStep;
    this.#leaseUsed = start + byteLength;
    return this.#lease.subarray(start, this.#leaseUsed);
  }

  /** Takes back what `bytes` left of the piece of the lease that was given out last. */
  #reclaim({ buffer, byteOffset, length }: Uint8Array): void {
    const lease = this.#lease;
    if (this.#givenAt < 0 || buffer !== lease.buffer || byteOffset - lease.byteOffset !== this.#givenAt) return;
    this.#leaseUsed = this.#givenAt + length;
    this.#givenAt = -1;
  }

  #write(chunks: readonly Uint8Array[], length: number): ChunkRef {
    if (this.dry) return { source: LEASE, offset: 0, length };
    const { source, target } = this.#room(length);
    // Nothing that was given out before is taken back any more.
    this.#givenAt = -1;
    let at = 0;
    for (const chunk of chunks) {
      copyBlock(chunk, target, at);
      at += chunk.length;
    }
    const base = source === LEASE ? this.#lease.byteOffset : 0;
    return { source, offset: target.byteOffset - base, length };
  }

  #room(length: number): { source: number; target: Uint8Array } {
    const start = this.#leaseUsed;
    if (start + length <= this.#lease.length) {
      this.#leaseUsed = start + length;
      return { source: LEASE, target: this.#lease.subarray(start, start + length) };
    }
    if (this.#givenTo !== undefined) this.#wasteful.add(this.#givenTo);
    let last = this.extras.at(-1);
    if (last === undefined || this.#extraUsed + length > last.byteLength) {
      last = this.#makeBuffer(Math.max(length, EXTRA_BYTES_MIN));
      this.extras.push(last);
      this.#extraUsed = 0;
    }
    const target = new Uint8Array(last, this.#extraUsed, length);
    this.#extraUsed += length;
    return { source: EXTRA - (this.extras.length - 1), target };
  }
}

function contains(outer: Uint8Array, inner: Uint8Array): boolean {
  return inner.byteOffset >= outer.byteOffset && inner.byteOffset + inner.length <= outer.byteOffset + outer.length;
}

const EMPTY = new Uint8Array(0);
