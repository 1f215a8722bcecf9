import { notStored, queueFull, shuttingDown, tooLarge } from './delivery-errors.ts';
import { Fifo } from './fifo.ts';
import { QueueEntry } from './queue-entry.ts';
import type { QueueStore, Stored } from './queue-store.ts';
import type { Load } from './shipment.ts';
import { sizeOf } from './sizer.ts';
import type { Sizer } from './sizer.ts';

export interface SendingQueueOptions<T extends Load> {
  readonly id: string;
  readonly store: QueueStore<T>;
  /** Room in units of `sizer`, for all that is not dealt with: waiting, being sent, or waiting for a retry. */
  readonly capacity: number;
  readonly sizer: Sizer;
  /** Whether a full queue makes senders wait, in their order, instead of refusing them. */
  readonly blockOnOverflow: boolean;
}

type Taker<T extends Load> = (entry: QueueEntry<T> | undefined) => void;

interface BlockedSender {
  readonly size: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A bounded queue that hands its entries out in order, over a store that keeps them. */
export class SendingQueue<T extends Load> {
  readonly #options: SendingQueueOptions<T>;
  readonly #entries = new Map<number, QueueEntry<T>>();
  readonly #blocked = new Fifo<BlockedSender>();
  readonly #takers = new Fifo<Taker<T>>();
  #size = 0;
  #items = 0;
  #unread = 0;
  #appending = 0;
  #reading = false;
  #closed = false;
  #ended = false;

  constructor(options: SendingQueueOptions<T>) {
    this.#options = options;
  }

  /** Room taken, in units of `sizer`. */
  get size(): number {
    return this.#size;
  }

  get capacity(): number {
    return this.#options.capacity;
  }

  get sizer(): Sizer {
    return this.#options.sizer;
  }

  /** Items in it that are not dealt with. */
  get items(): number {
    return this.#items;
  }

  /** Senders that wait for room. */
  get blocked(): number {
    return this.#blocked.length;
  }

  async open(): Promise<void> {
    const backlog = await this.#options.store.open();
    this.#size += backlog[this.#options.sizer];
    this.#items += backlog.items;
    this.#unread += backlog.requests;
    this.#handOut();
  }

  /**
   * Resolves when the store has the load (undefined: it is empty and was not taken). Rejects with a DeliveryError:
   * QUEUE_FULL, TOO_LARGE, SHUTDOWN or STORE_FAILED; the load is then still the caller's.
   */
  async offer(load: T): Promise<QueueEntry<T> | undefined> {
    const { id, store, capacity, sizer, blockOnOverflow } = this.#options;
    if (this.#closed) throw shuttingDown(id);
    const size = sizeOf(load, sizer);
    if (size === 0) return undefined;
    if (size > capacity) throw tooLarge(id, size, this);
    if (this.#blocked.length === 0 && this.#size + size <= capacity) this.#admit(size);
    else if (blockOnOverflow) await this.#roomFor(size);
    else throw queueFull(id, this);
    try {
      const sequence = await store.append(load);
      const entry = this.#entryOf({ sequence, load });
      this.#entries.set(sequence, entry);
      this.#unread += 1;
      this.#items += entry.items;
      return entry;
    } catch (error) {
      this.#free(size);
      throw notStored(id, error);
    } finally {
      this.#appending -= 1;
      this.#handOut();
    }
  }

  /** The oldest entry that was not handed out; waits for one. Undefined once the queue is closed and empty. */
  next(): Promise<QueueEntry<T> | undefined> {
    return new Promise((resolve) => {
      this.#takers.push(resolve);
      this.#handOut();
    });
  }

  /** Takes nothing in any more; senders that wait for room are refused. What is in the queue is still handed out. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const sender of this.#blocked.drain()) sender.reject(shuttingDown(this.#options.id));
    this.#handOut();
  }

  /** Lets go of the store; what a stuck sink lets go of later is not marked any more. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#options.store.close();
  }

  /** Reserves room for an append; closing waits for it. */
  #admit(size: number): void {
    this.#size += size;
    this.#appending += 1;
  }

  /** Resolves when the load has been admitted. */
  #roomFor(size: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#blocked.push({ size, resolve, reject });
    });
  }

  #free(size: number): void {
    this.#size -= size;
    // In order: a small load does not overtake a large one, which would otherwise starve.
    while (
      this.#blocked.length > 0 &&
      this.#size + (this.#blocked.peek() as BlockedSender).size <= this.#options.capacity
    ) {
      const sender = this.#blocked.shift() as BlockedSender;
      this.#admit(sender.size);
      sender.resolve();
    }
  }

  #handOut(): void {
    if (this.#reading || this.#takers.length === 0) return;
    if (this.#unread > 0) void this.#read();
    else if (this.#closed && this.#appending === 0) for (const taker of this.#takers.drain()) taker(undefined);
  }

  async #read(): Promise<void> {
    this.#reading = true;
    while (this.#takers.length > 0 && this.#unread > 0) {
      const stored = await this.#options.store.read();
      this.#unread -= 1;
      (this.#takers.shift() as Taker<T>)(this.#entries.get(stored.sequence) ?? this.#entryOf(stored));
    }
    this.#reading = false;
    this.#handOut();
  }

  #entryOf(stored: Stored<T>): QueueEntry<T> {
    return new QueueEntry({
      sequence: stored.sequence,
      size: sizeOf(stored.load, this.#options.sizer),
      load: stored.load,
      onClosed: (entry) => {
        this.#closeEntry(entry);
      },
    });
  }

  #closeEntry(entry: QueueEntry<T>): void {
    const { store } = this.#options;
    this.#entries.delete(entry.sequence);
    if (!this.#ended && !(entry.left && store.guarantee === 'safe')) {
      this.#items -= entry.items;
      store.done(entry.sequence);
    }
    this.#free(entry.size);
  }
}
