import { retryable } from '@millrace/api';
import type { Body } from '@millrace/api';
import { copyBlock } from '@millrace/otlp';
import { ArenaBody } from './arena-body.ts';
import { ArenaRegion, Span } from './arena-region.ts';
import type { Block } from './block.ts';
import { BlockPool, SLAB_BYTES } from './block-pool.ts';

/**
 * A stretch of accounted memory that may be shared with workers. Counted by references: every holder calls
 * {@link release} once.
 */
export interface Region {
  readonly bytes: Uint8Array;
  /** One more holder of the same memory. */
  share(): Region;
  release(): void;
}

export interface ArenaSettings {
  /** Whether workers read it; false for an inline mill. Nothing else differs. */
  readonly shared: boolean;
  /** Hard bound of {@link Arena.bytesInFlight}. */
  readonly bytesInFlightMax: number;
  /** Throws at double release and use after release, and overwrites memory that was given back. For tests. */
  readonly debug?: boolean;
}

/** What the memory is for: outputs of what was already taken in may use the part of the budget that intake may not. */
export type Purpose = 'intake' | 'output';

/** Largest span that shares a slab; above, a block of its own is cheaper than what it could pin. */
export const SMALL_BYTES_MAX = 32 * 1024;

/** Part of the budget that is kept for the outputs of what was taken in; without it, a full house could not empty. */
const OUTPUT_SHARE = 0.2;

/** Slabs may be pinned by a few small spans; intake stops when the memory behind the account is this much larger. */
const HELD_FACTOR = 1.5;

/** Queues empty within about this time, or the destination is down. */
const RETRY_AFTER_MS = 1_000;

/** A small budget must not be used up by the slab that its first span opens. */
const HELD_BYTES_MIN = 2 * SLAB_BYTES;

/**
 * Memory for payloads on their way: request bodies, inputs and outputs of grinds. Main thread only; workers are handed
 * stretches of it and never allocate in it.
 *
 * Small spans share slabs, so that a grind over a hundred of them refers to a few buffers; big ones have a pooled
 * buffer each. Every span is accounted until its last holder releases it.
 */
export class Arena {
  readonly bytesInFlightMax: number;
  readonly debug: boolean;
  readonly #shared: boolean;
  readonly #pool: BlockPool;
  readonly #live = new Set<Span>();
  readonly #retireListeners = new Set<(blockId: number) => void>();
  #bytesInFlight = 0;
  #slab: Block | undefined;

  constructor(settings: ArenaSettings) {
    this.bytesInFlightMax = settings.bytesInFlightMax;
    this.debug = settings.debug === true;
    this.#shared = settings.shared;
    this.#pool = new BlockPool({
      shared: this.#shared,
      idleBytesMax: settings.bytesInFlightMax / 4,
      onRetire: (block) => {
        for (const listener of this.#retireListeners) listener(block.id);
      },
    });
  }

  /** Bytes of all spans that have a holder; shared ones count once. */
  get bytesInFlight(): number {
    return this.#bytesInFlight;
  }

  /** Bytes of the buffers behind, including pooled and unused ones. */
  get bytesHeld(): number {
    return this.#pool.bytesHeld;
  }

  /** Throws what {@link allocate} would; reserves nothing. */
  check(length: number, purpose: Purpose): void {
    const max = purpose === 'output' ? this.bytesInFlightMax : this.bytesInFlightMax * (1 - OUTPUT_SHARE);
    const held = this.#pool.bytesHeld - this.#pool.bytesIdle;
    const inFlight = this.#bytesInFlight + length;
    if (
      inFlight <= max &&
      (purpose === 'output' || held <= Math.max(this.bytesInFlightMax * HELD_FACTOR, HELD_BYTES_MIN))
    )
      return;
    throw retryable(
      `${length} more bytes do not fit into the memory budget: ${this.#bytesInFlight} of ${this.bytesInFlightMax} bytes are in flight`,
      { code: 'MEMORY_BUDGET', retryAfterMs: RETRY_AFTER_MS },
    );
  }

  /** Memory with undefined contents. @throws a retryable DeliveryError, code MEMORY_BUDGET. */
  allocate(length: number, purpose: Purpose): ArenaRegion {
    return new ArenaRegion(this.span(length, purpose), 0, length);
  }

  /** A copy of `bytes`. @throws as {@link allocate}. */
  copy(bytes: Uint8Array, purpose: Purpose): ArenaRegion {
    const region = this.allocate(bytes.length, purpose);
    copyBlock(bytes, region.bytes, 0);
    return region;
  }

  /** A body to read a request into. With `expectedBytes`, the room is there at once. @throws as {@link allocate}. */
  openBody(expectedBytes?: number): ArenaBody {
    return new ArenaBody(this, expectedBytes);
  }

  /** Turns what a receiver hands over into a region: a body of this arena as it is, anything else as a copy. */
  regionOf(body: Body | Uint8Array): ArenaRegion {
    if (body instanceof ArenaBody && body.arena === this) return body.toRegion();
    if (body instanceof Uint8Array) return this.copy(body, 'intake');
    const region = this.copy(body.bytes, 'intake');
    body.release();
    return region;
  }

  /**
   * For bytes that may wait long: takes `region` over and returns one that pins no memory beyond its own bytes. Copies
   * if it has to.
   */
  compact(region: Region): Region {
    if (!(region instanceof ArenaRegion) || !region.isLoose) return region;
    const kept = this.keep(region.bytes);
    region.release();
    return kept;
  }

  /** A copy that may wait long, outside slabs. @throws as {@link allocate}, for an output. */
  keep(bytes: Uint8Array): ArenaRegion {
    if (bytes.length > SMALL_BYTES_MAX) return this.copy(bytes, 'output');
    this.check(bytes.length, 'output');
    const region = new ArenaRegion(this.#track(this.#pool.unshared(bytes.length), 0, bytes.length), 0, bytes.length);
    copyBlock(bytes, region.bytes, 0);
    return region;
  }

  /** Takes a buffer in that a worker made. @throws as {@link allocate}, for an output. */
  adopt(buffer: ArrayBufferLike, length: number): ArenaRegion {
    this.check(buffer.byteLength, 'output');
    return new ArenaRegion(this.#track(this.#pool.adopt(buffer), 0, buffer.byteLength), 0, length);
  }

  /** Whether workers can read a region as it is. */
  isShareable(region: Region): region is ArenaRegion {
    return region instanceof ArenaRegion && (!this.#shared || region.span.block.buffer instanceof SharedArrayBuffer);
  }

  /** Gives unused buffers back to the system; called from time to time. */
  trim(): void {
    this.#pool.trim();
  }

  /** Tells when a block is gone for good, so that workers can forget it. The result stops that. */
  onRetire(listener: (blockId: number) => void): () => void {
    this.#retireListeners.add(listener);
    return () => this.#retireListeners.delete(listener);
  }

  /** Debug mode: where the spans that are still held were allocated. */
  leaks(): readonly string[] {
    return [...this.#live].map((span) => `${span.reserved} bytes: ${span.origin}`);
  }

  /** For bodies and leases. */
  span(length: number, purpose: Purpose): Span {
    this.check(length, purpose);
    if (length > SMALL_BYTES_MAX) {
      const block = this.#pool.dedicated(length);
      return this.#track(block, 0, length);
    }
    const reserved = (length + 7) & ~7;
    let slab = this.#slab;
    if (slab === undefined || slab.bump + reserved > SLAB_BYTES) {
      slab = this.#slab = this.#pool.slab();
    }
    const span = this.#track(slab, slab.bump, reserved);
    slab.bump += reserved;
    return span;
  }

  /** Gives the end of a span back. */
  shrink(span: Span, length: number): void {
    const { block } = span;
    const reserved = (length + 7) & ~7;
    if (reserved >= span.reserved) return;
    if (block.use === 'slab' && span.offset + span.reserved === block.bump) block.bump = span.offset + reserved;
    this.#bytesInFlight -= span.reserved - reserved;
    span.reserved = reserved;
  }

  /** The last holder of a span is gone. */
  free(span: Span): void {
    const { block } = span;
    this.#bytesInFlight -= span.reserved;
    if (this.debug) {
      new Uint8Array(block.buffer, span.offset, span.reserved).fill(0xdb);
      this.#live.delete(span);
    }
    block.spans--;
    if (block.spans > 0) {
      if (block.use === 'slab' && span.offset + span.reserved === block.bump) block.bump = span.offset;
      return;
    }
    if (block === this.#slab) block.bump = 0;
    else this.#pool.giveBack(block);
  }

  #track(block: Block, offset: number, reserved: number): Span {
    const span = new Span(this, block, offset, reserved);
    block.spans++;
    this.#bytesInFlight += reserved;
    if (this.debug) this.#live.add(span);
    return span;
  }
}
