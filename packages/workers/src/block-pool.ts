import { Block } from './block.ts';
import type { BlockUse } from './block.ts';

/** Room of a slab. With the largest small span, it bounds what one span can pin: see `benchmarks/micro/workers.ts`. */
export const SLAB_BYTES = 256 * 1024;

/** Above this, size classes would keep too much memory for payloads that hardly ever come. */
const POOLED_BYTES_MAX = 32 * 1024 * 1024;

/** Where the arena's buffers come from and where they wait to be used again. */
export class BlockPool {
  /** Bytes of all blocks, in use or waiting. */
  bytesHeld = 0;
  /** Bytes of those that wait. */
  bytesIdle = 0;
  readonly #shared: boolean;
  readonly #idleBytesMax: number;
  readonly #idle = new Map<number, Block[]>();
  readonly #onRetire: (block: Block) => void;
  #nextId = 1;
  #round = 0;

  constructor(options: { shared: boolean; idleBytesMax: number; onRetire: (block: Block) => void }) {
    this.#shared = options.shared;
    this.#idleBytesMax = options.idleBytesMax;
    this.#onRetire = options.onRetire;
  }

  slab(): Block {
    return this.#reuse(SLAB_BYTES, 'slab') ?? this.#create(SLAB_BYTES, 'slab');
  }

  /** A block for one span of at least `length` bytes. */
  dedicated(length: number): Block {
    if (length > POOLED_BYTES_MAX) return this.#create(length, 'single');
    const size = sizeClass(length);
    return this.#reuse(size, 'pooled') ?? this.#create(size, 'pooled');
  }

  /** Memory of the process itself, of exactly this size, that no worker sees. */
  unshared(length: number): Block {
    return this.#hold(new Block(this.#nextId++, new ArrayBuffer(length), 'single'));
  }

  /** Takes a buffer in that somebody else made. */
  adopt(buffer: ArrayBufferLike): Block {
    return this.#hold(new Block(this.#nextId++, buffer, 'single'));
  }

  /** Takes a block back that has no spans. */
  giveBack(block: Block): void {
    if (block.use === 'single' || this.bytesIdle + block.capacity > this.#idleBytesMax) {
      this.#drop(block);
      return;
    }
    block.bump = 0;
    block.idleSince = this.#round;
    this.bytesIdle += block.capacity;
    const key = keyOf(block.capacity, block.use);
    const list = this.#idle.get(key);
    if (list === undefined) this.#idle.set(key, [block]);
    else list.push(block);
  }

  /** Lets go of what has waited since the call before the last one. */
  trim(): void {
    this.#round++;
    for (const [key, list] of this.#idle) {
      const kept = list.filter((block) => block.idleSince >= this.#round - 1);
      for (const block of list) {
        if (block.idleSince >= this.#round - 1) continue;
        this.bytesIdle -= block.capacity;
        this.#drop(block);
      }
      if (kept.length === 0) this.#idle.delete(key);
      else this.#idle.set(key, kept);
    }
  }

  #reuse(size: number, use: BlockUse): Block | undefined {
    // The most recently used one: its pages are warm, and the others get old enough to be trimmed.
    const block = this.#idle.get(keyOf(size, use))?.pop();
    if (block !== undefined) this.bytesIdle -= block.capacity;
    return block;
  }

  #create(size: number, use: BlockUse): Block {
    const buffer = this.#shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size);
    return this.#hold(new Block(this.#nextId++, buffer, use));
  }

  #hold(block: Block): Block {
    this.bytesHeld += block.capacity;
    return block;
  }

  #drop(block: Block): void {
    this.bytesHeld -= block.capacity;
    this.#onRetire(block);
  }
}

/** The next of four sizes per doubling, so that at most a fifth of a block lies idle. */
export function sizeClass(length: number): number {
  const step = 2 ** Math.max(12, 29 - Math.clz32(length - 1));
  return Math.ceil(length / step) * step;
}

function keyOf(size: number, use: BlockUse): number {
  return use === 'slab' ? -size : size;
}
