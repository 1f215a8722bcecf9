import type { DeliveryError } from '@millrace/api';
import { notStored, queueFull, shuttingDown, tooLarge } from './delivery-errors.ts';
import { Fifo } from './fifo.ts';
import { QueueEntry } from './queue-entry.ts';
import type { QueueStore, Stored, Unreadable } from './queue-store.ts';
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
  /** Whether senders ask what becomes of their data in the end. */
  readonly waitForResult: boolean;
  /** Told of items that the store held and could not give back. */
  readonly onLost: (items: number) => void;
}

/** A load that the store has. */
export interface Offered {
  /** Why it failed, in whole or in part, once that is known. Never rejects. Undefined unless somebody waits for it. */
  readonly result: Promise<DeliveryError | undefined> | undefined;
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
  /** Senders that wait for the result of what they offered, by sequence. */
  readonly #results = new Map<number, (error: DeliveryError | undefined) => void>();
  readonly #blocked = new Fifo<BlockedSender>();
  readonly #takers = new Fifo<Taker<T>>();
  #size = 0;
  #items = 0;
  #unread = 0;
  #appending = 0;
  #appended = () => {};
  #reading = false;
  #closed = false;
  #withheld = false;
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
  async offer(load: T): Promise<Offered | undefined> {
    const { id, store, capacity, sizer, blockOnOverflow, waitForResult } = this.#options;
    if (this.#closed) throw shuttingDown(id);
    const size = sizeOf(load, sizer);
    const { items } = load;
    if (size === 0) return undefined;
    if (size > capacity) throw tooLarge(id, size, this);
    if (this.#blocked.length === 0 && this.#size + size <= capacity) this.#admit(size);
    else if (blockOnOverflow) await this.#roomFor(size);
    else throw queueFull(id, this);
    try {
      // From here on the load is the store's, which may have released it when this resolves.
      const sequence = await store.append(load);
      this.#unread += 1;
      this.#items += items;
      return { result: waitForResult ? this.#resultOf(sequence) : undefined };
    } catch (error) {
      this.#free(size);
      throw notStored(id, error);
    } finally {
      this.#appending -= 1;
      if (this.#appending === 0) this.#appended();
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

  /** Hands nothing out any more; whoever waits for an entry gets undefined. What is left stays in the store. */
  withhold(): void {
    this.#withheld = true;
    this.#handOut();
  }

  /** Lets go of the store; what a stuck sink lets go of later is not marked any more. */
  async end(): Promise<void> {
    // A load that the store takes after it was let go of would be unknown to whoever opens it next.
    if (this.#appending > 0) await new Promise<void>((resolve) => (this.#appended = resolve));
    this.#ended = true;
    // What is left in the store has no result that its sender could wait for.
    for (const settle of this.#results.values()) settle(shuttingDown(this.#options.id));
    this.#results.clear();
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
    if (this.#withheld) for (const taker of this.#takers.drain()) taker(undefined);
    else if (this.#unread > 0) void this.#read();
    else if (this.#closed && this.#appending === 0) for (const taker of this.#takers.drain()) taker(undefined);
  }

  async #read(): Promise<void> {
    this.#reading = true;
    while (this.#takers.length > 0 && this.#unread > 0 && !this.#withheld && !this.#ended) {
      const stored = await this.#options.store.read();
      this.#unread -= 1;
      if ('kept' in stored) this.#passOver(stored);
      else (this.#takers.shift() as Taker<T>)(this.#entryOf(stored));
    }
    this.#reading = false;
    if (!this.#ended) this.#handOut();
  }

  /** Its room is free; what the store keeps is still there for another process. */
  #passOver({ items, bytes, kept }: Unreadable): void {
    if (!kept) {
      this.#items -= items;
      this.#options.onLost(items);
    }
    const sizes = { requests: 1, items, bytes };
    this.#free(sizes[this.#options.sizer]);
  }

  #resultOf(sequence: number): Promise<DeliveryError | undefined> {
    return new Promise((resolve) => void this.#results.set(sequence, resolve));
  }

  #entryOf(stored: Stored<T>): QueueEntry<T> {
    const entry = new QueueEntry({
      sequence: stored.sequence,
      size: sizeOf(stored.load, this.#options.sizer),
      load: stored.load,
      onClosed: (entry) => {
        this.#closeEntry(entry);
      },
    });
    const settle = this.#results.get(stored.sequence);
    if (settle !== undefined) {
      this.#results.delete(stored.sequence);
      void entry.result.then(settle);
    }
    return entry;
  }

  #closeEntry(entry: QueueEntry<T>): void {
    const { store } = this.#options;
    if (!this.#ended && !(entry.left && store.guarantee === 'safe')) {
      this.#items -= entry.items;
      store.done(entry.sequence);
    }
    this.#free(entry.size);
  }
}
