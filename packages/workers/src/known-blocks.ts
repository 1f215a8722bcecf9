import type { Block } from './block.ts';
import type { Request } from './protocol.ts';

/** Which worker has met which blocks: a buffer is sent to a worker once, and afterwards only its id. */
export class KnownBlocks {
  readonly #workers = new Map<number, Worker>();

  /** Fills in what `worker` lacks for a request over `blocks`. */
  introduce(worker: number, request: Request, blocks: readonly Block[]): void {
    let known = this.#workers.get(worker);
    if (known === undefined) {
      known = { blocks: new Set(), gone: [] };
      this.#workers.set(worker, known);
    }
    let buffers: [number, ArrayBufferLike][] | undefined;
    for (const block of blocks) {
      if (known.blocks.has(block.id)) continue;
      known.blocks.add(block.id);
      (buffers ??= []).push([block.id, block.buffer]);
    }
    request.buffers = buffers;
    request.forget = known.gone.length > 0 ? known.gone.splice(0) : undefined;
  }

  /** Whether some worker still holds a block that is gone. */
  get hasRetired(): boolean {
    return [...this.#workers.values()].some(({ gone }) => gone.length > 0);
  }

  /** A block has left the arena. */
  retire(block: number): void {
    for (const known of this.#workers.values()) {
      if (known.blocks.delete(block)) known.gone.push(block);
    }
  }

  /** A worker is gone. */
  drop(worker: number): void {
    this.#workers.delete(worker);
  }
}

interface Worker {
  readonly blocks: Set<number>;
  /** Retired since its last request. */
  readonly gone: number[];
}
