import type { ElementList } from './element-list.ts';
import type { WireMessage } from './wire-message.ts';

/**
 * Iterates over the elements of a list inside an item (events, links, exemplars, quantiles). Yields one reused view; its edits are
 * taken over when the loop goes on, or with the item.
 */
export class ElementIterator<T> implements IterableIterator<T> {
  private readonly list: ElementList;
  private readonly session: number;
  private index = -1;
  private readonly result: { done: boolean; value: T };

  constructor(list: ElementList, message: WireMessage, view: T) {
    this.list = list;
    this.result = { done: false, value: view };
    list.owner.ensureIndexed();
    list.commitCursor();
    list.cursor = message;
    this.session = ++list.session;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<T, undefined> {
    if (this.list.session !== this.session)
      throw new Error('cannot go on with this loop: another loop over the same list was started, or its item moved on');
    if (!this.result.done) this.index = this.list.moveCursor(this.index);
    if (this.index < 0) {
      this.result.done = true;
      this.result.value = undefined as T;
    }
    return this.result as IteratorResult<T, undefined>;
  }
}
