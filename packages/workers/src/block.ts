/**
 * One buffer of the arena. Workers know a block by its id: a message carries the id, and the buffer itself only the
 * first time that a worker meets it.
 */
export class Block {
  readonly id: number;
  readonly buffer: ArrayBufferLike;
  readonly capacity: number;
  readonly use: BlockUse;
  /** Live spans within it. */
  spans = 0;
  /** Slabs: bytes handed out from the start. */
  bump = 0;
  /** The arena's {@link Arena.trim} round in which the block was last given back to the pool. */
  idleSince = 0;

  constructor(id: number, buffer: ArrayBufferLike, use: BlockUse) {
    this.id = id;
    this.buffer = buffer;
    this.capacity = buffer.byteLength;
    this.use = use;
  }
}

/**
 * - slab: many small spans, handed out by a bump pointer and reused when the last one is gone;
 * - pooled: one big span, of a size class, reused;
 * - single: one span, left to the garbage collector afterwards.
 */
export type BlockUse = 'slab' | 'pooled' | 'single';
