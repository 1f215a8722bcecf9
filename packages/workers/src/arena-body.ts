import type { Body } from '@millrace/api';
import { copyBlock } from '@millrace/otlp';
import type { Arena } from './arena.ts';
import { ArenaRegion } from './arena-region.ts';
import type { Span } from './arena-region.ts';

/** First room of a body whose length nobody announced. */
const FIRST_BYTES = 4096;

/** A request body in arena memory. One owner: either {@link toRegion} or {@link release} ends it. */
export class ArenaBody implements Body {
  readonly arena: Arena;
  #span: Span | undefined;
  #room: Uint8Array = EMPTY;
  #length = 0;
  #ended = false;

  constructor(arena: Arena, expectedBytes: number | undefined) {
    this.arena = arena;
    if (expectedBytes === undefined) arena.check(0, 'intake');
    else this.#grow(expectedBytes);
  }

  append(chunk: Uint8Array): void {
    if (this.#ended) throw new Error('append to a body that was released or consumed');
    const needed = this.#length + chunk.length;
    if (needed > this.#room.length) this.#grow(Math.max(needed, this.#room.length * 2, FIRST_BYTES));
    copyBlock(chunk, this.#room, this.#length);
    this.#length = needed;
  }

  get bytes(): Uint8Array {
    if (this.#ended && this.arena.debug) throw new Error('body read after its release');
    return this.#room.subarray(0, this.#length);
  }

  /** Ends the body and passes its bytes on. */
  toRegion(): ArenaRegion {
    if (this.#ended) throw new Error('a body that was released or consumed is taken');
    if (this.#span === undefined) this.#grow(0);
    const span = this.#span as Span;
    const region = new ArenaRegion(span, 0, this.#length);
    this.arena.shrink(span, this.#length);
    this.#end();
    return region;
  }

  release(): void {
    if (!this.#ended) this.#end();
  }

  #grow(capacity: number): void {
    const span = this.arena.span(capacity, 'intake');
    span.hold();
    // A span may have more room than was asked for; what lies beyond is not accounted.
    const room = new Uint8Array(span.block.buffer, span.offset, capacity);
    copyBlock(this.#room.subarray(0, this.#length), room, 0);
    this.#span?.letGo();
    this.#span = span;
    this.#room = room;
  }

  #end(): void {
    this.#ended = true;
    this.#room = EMPTY;
    this.#span?.letGo();
    this.#span = undefined;
  }
}

const EMPTY = new Uint8Array(0);
