import type { Priority } from './mill.ts';

const CLASSES: readonly Priority[] = ['high', 'normal', 'backlog'];

/** After how many tasks of higher classes a waiting one of this class has its turn. */
const TURNS: readonly number[] = [Infinity, 8, 16];

/**
 * Tasks by class: the highest goes first, but each class is sure of a share (1 in 9 for `normal`, 1 in 17 for
 * `backlog`), so that nothing waits forever. First in, first out within a class.
 */
export class PriorityQueue<T> {
  readonly #lists: readonly Fifo<T>[] = CLASSES.map(() => new Fifo<T>());
  /** How often a class was passed over while it had something. */
  readonly #passed: number[] = [0, 0, 0];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(task: T, priority: Priority): void {
    this.#list(priority).push(task);
    this.#size++;
  }

  /** Puts a task back that was taken and could not be run. */
  unshift(task: T, priority: Priority): void {
    this.#list(priority).unshift(task);
    this.#size++;
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const index = this.#next();
    this.#passed[index] = 0;
    for (let lower = index + 1; lower < this.#lists.length; lower++) {
      if (this.#lists[lower].size > 0) this.#passed[lower]++;
    }
    this.#size--;
    return this.#lists[index].shift();
  }

  remove(task: T, priority: Priority): void {
    if (this.#list(priority).remove(task)) this.#size--;
  }

  /** The lowest class that has waited for its turn, or else the highest that has something. */
  #next(): number {
    let first = -1;
    for (let index = this.#lists.length - 1; index >= 0; index--) {
      if (this.#lists[index].size === 0) continue;
      if (this.#passed[index] >= TURNS[index]) return index;
      first = index;
    }
    return first;
  }

  #list(priority: Priority): Fifo<T> {
    return this.#lists[CLASSES.indexOf(priority)];
  }
}

/** An array with a moving start; `Array.shift` would move everything for each task. */
class Fifo<T> {
  #items: (T | undefined)[] = [];
  #start = 0;

  get size(): number {
    return this.#items.length - this.#start;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  unshift(item: T): void {
    if (this.#start > 0) this.#items[--this.#start] = item;
    else this.#items.unshift(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#start];
    this.#items[this.#start++] = undefined;
    if (this.#start === this.#items.length || (this.#start > 1024 && this.#start * 2 > this.#items.length)) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }

  remove(item: T): boolean {
    const index = this.#items.indexOf(item, this.#start);
    if (index < 0) return false;
    this.#items.splice(index, 1);
    return true;
  }
}
