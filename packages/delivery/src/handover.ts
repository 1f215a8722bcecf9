import { Fifo } from './fifo.ts';

/** Passes values from one loop to several others, in order. */
export class Handover<T> {
  readonly #values = new Fifo<T>();
  readonly #takers = new Fifo<(value: T | undefined) => void>();
  #waitingForEmpty: (() => void)[] = [];
  #closed = false;

  put(value: T): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#values.push(value);
    else taker(value);
  }

  /** Waits for a value; undefined once closed and empty. */
  take(): Promise<T | undefined> {
    return new Promise((resolve) => {
      if (this.#values.length > 0) {
        resolve(this.#values.shift());
        if (this.#values.length === 0) for (const listener of this.#waitingForEmpty.splice(0)) listener();
      } else if (this.#closed) resolve(undefined);
      else this.#takers.push(resolve);
    });
  }

  /** Resolves when every value has been taken. */
  whenEmpty(): Promise<void> {
    if (this.#values.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waitingForEmpty.push(resolve);
    });
  }

  /** Takes all values that nobody has taken. */
  drain(): Iterable<T> {
    return this.#values.drain();
  }

  close(): void {
    this.#closed = true;
    for (const taker of this.#takers.drain()) taker(undefined);
  }
}
