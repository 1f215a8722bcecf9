import type { ElementList } from './element-list.ts';
import type { WireMessage } from './wire-message.ts';

/**
 * Iterates over the elements of a list inside an item (events, links, exemplars, quantiles). Yields one reused view; its edits are
 * taken over when the loop goes on, or with the item.
 */
export class ElementIterator<T> implements IterableIterator<T> {
  private readonly list: ElementList;
  private readonly view: T;
  private readonly session: number;
  private index = -1;

  constructor(list: ElementList, message: WireMessage, view: T) {
    this.list = list;
    this.view = view;
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
    this.index = this.list.moveCursor(this.index);
    return this.index < 0 ? { done: true, value: undefined } : { done: false, value: this.view };
  }
}
