import type { Arena, Region } from './arena.ts';
import type { Block } from './block.ts';

/** A stretch of a block that was handed out, with the number of its holders. */
export class Span {
  readonly arena: Arena;
  readonly block: Block;
  /** In the block. */
  readonly offset: number;
  /** Bytes on the arena's account. */
  reserved: number;
  holders = 0;
  /** Debug mode: who allocated it. */
  readonly origin: string;

  constructor(arena: Arena, block: Block, offset: number, reserved: number) {
    this.arena = arena;
    this.block = block;
    this.offset = offset;
    this.reserved = reserved;
    this.origin = arena.debug ? (new Error('allocated').stack ?? '') : '';
  }

  hold(): void {
    this.holders++;
  }

  letGo(): void {
    if (--this.holders === 0) this.arena.free(this);
  }
}

/** One holder's handle on a span, or on a part of it. */
export class ArenaRegion implements Region {
  readonly span: Span;
  readonly #bytes: Uint8Array;
  #released = false;
  #releasedAt: Error | undefined;

  /** `start` counts from the start of the span. */
  constructor(span: Span, start: number, length: number) {
    this.span = span;
    this.#bytes = new Uint8Array(span.block.buffer, span.offset + start, length);
    span.hold();
  }

  get bytes(): Uint8Array {
    if (this.#released) this.#misused('read');
    return this.#bytes;
  }

  /** A block that is much larger than the bytes: kept for long, they would pin it. */
  get isLoose(): boolean {
    const { block } = this.span;
    return block.use === 'slab' || this.#bytes.length < block.capacity / 4;
  }

  share(): ArenaRegion {
    return this.view(0, this.#bytes.length);
  }

  /** Another holder, of a part. */
  view(start: number, length: number): ArenaRegion {
    if (this.#released) this.#misused('shared');
    return new ArenaRegion(this.span, this.#bytes.byteOffset - this.span.offset + start, length);
  }

  /** A second call does nothing, except in debug mode, where it throws. */
  release(): void {
    if (this.#released) {
      this.#misused('released again');
      return;
    }
    this.#released = true;
    if (this.span.arena.debug) this.#releasedAt = new Error('first released');
    this.span.letGo();
  }

  #misused(what: string): void {
    if (this.span.arena.debug) throw new Error(`region ${what} after its release`, { cause: this.#releasedAt });
  }
}
