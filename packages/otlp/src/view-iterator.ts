import type { Container } from './container.ts';

/** Opens the next chunk below `root`; false when there is none. */
export interface ChunkSource {
  openNextChunk(): boolean;
}

/**
 * Iterates over the children of one container, or (with a ChunkSource) of all of them in a batch. Yields the same cursor each
 * time; `clone()` keeps one. Leaving the loop early is safe: what was edited stays pending and is committed with the batch.
 */
export class ViewIterator<T> implements IterableIterator<T> {
  private readonly container: Container;
  private readonly chunks: ChunkSource | null;
  private readonly session: number;
  private readonly opened: number;
  private readonly result: { done: boolean; value: T };

  constructor(container: Container, chunks: ChunkSource | null) {
    this.container = container;
    this.chunks = chunks;
    this.session = container.session;
    this.opened = container.opened;
    this.result = { done: false, value: undefined as T };
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<T, undefined> {
    const { container, result } = this;
    if (container.session !== this.session || (this.chunks === null && container.opened !== this.opened)) this.fail();
    while (!(container.isOpen && container.advance())) {
      if (this.chunks === null || !openNext(container, this.chunks)) {
        result.done = true;
        result.value = undefined as T;
        return result as IteratorResult<T, undefined>;
      }
    }
    result.value = (container.child === null ? container.leaf!.view : container.child.view) as T;
    return result as IteratorResult<T, undefined>;
  }

  private fail(): never {
    throw new Error(
      'cannot go on with this loop over a batch: another loop over the same part was started, or its parent moved on. ' +
        'Cursors are shared; run loops one after the other, or keep items with clone()',
    );
  }
}

/** Moves `container` to its next occurrence in the batch. */
function openNext(container: Container, chunks: ChunkSource): boolean {
  const parent = container.parent;
  if (parent === null) return chunks.openNextChunk();
  while (!(parent.isOpen && parent.advance())) if (!openNext(parent, chunks)) return false;
  return true;
}
