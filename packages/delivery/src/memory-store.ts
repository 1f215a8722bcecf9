import { Fifo } from './fifo.ts';
import type { Backlog, QueueStore, Stored } from './queue-store.ts';
import type { Load } from './shipment.ts';

/** Keeps loads as they are. What is not delivered when the process ends is lost. */
export class MemoryStore<T extends Load> implements QueueStore<T> {
  readonly guarantee = 'memory';
  readonly #unread = new Fifo<Stored<T>>();
  #sequence = 0;

  open(): Promise<Backlog> {
    return Promise.resolve({ requests: 0, items: 0, bytes: 0 });
  }

  append(load: T): Promise<number> {
    this.#sequence += 1;
    this.#unread.push({ sequence: this.#sequence, load });
    return Promise.resolve(this.#sequence);
  }

  read(): Promise<Stored<T>> {
    return Promise.resolve(this.#unread.shift() as Stored<T>);
  }

  done(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}
