import { isRetryable, messageOf } from '@millrace/api';
import type { Batch, ClientContext, Clock, Logger, Signal } from '@millrace/api';
import { Fifo } from '../fifo.ts';
import type { Backlog, QueueStore, Stored, Unreadable } from '../queue-store.ts';
import type { Load, Shipment } from '../shipment.ts';
import { Trigger } from '../trigger.ts';
import type { PassedOver, QueueLog, ReadEntry } from './queue-log.ts';

/** A load as it comes back from the disk. Its bytes belong to whoever gets it. */
export interface StoredLoad {
  readonly signal: Signal;
  readonly items: number;
  readonly bytes: Uint8Array;
  readonly context: ClientContext | undefined;
}

/** How loads become bytes and come back. */
export interface LoadForm<T extends Load> {
  readonly parts: (load: T) => readonly Uint8Array[];
  /** Throws a retryable error when there is no memory for it at this time. */
  readonly make: (stored: StoredLoad) => T;
}

export interface DurableQueueOptions<T extends Load> {
  /** Gives the queue when the storage is open. */
  readonly queue: () => QueueLog;
  readonly form: LoadForm<T>;
  /**
   * So many bytes of the newest loads stay in memory and are handed out as they came; older ones are released once they
   * are on disk, and read again when it is their turn.
   */
  readonly residentBytesMax: number;
  /**
   * Loads in memory are fresh and go before those on disk, the backlog; of what is handed out while there are both, this
   * share (0 to 1) is backlog all the same. 1: strictly in order.
   */
  readonly backlogShare: number;
  readonly clock: Pick<Clock, 'after'>;
  readonly logger: Logger;
}

/** Loads that are read from disk before they are asked for. */
const READ_AHEAD = 4;

/** Wait before a load is made again for which there was no memory. */
const MEMORY_PAUSE_MS = 20;

/** A sending queue's store on disk: what `append` resolved for is delivered, or still there after any crash. */
export class DurableQueue<T extends Load> implements QueueStore<T> {
  readonly guarantee = 'safe';
  readonly #options: DurableQueueOptions<T>;
  /** Those of the log's fresh lane. */
  readonly #resident = new Map<number, T>();
  /** Those of the backlog that are being read, in order. */
  readonly #ahead = new Fifo<Promise<Stored<T> | Unreadable>>();
  #residentBytes = 0;
  /** What the backlog is owed, in loads. */
  #credit = 0;
  #queue: QueueLog | undefined;
  readonly #closing = new Trigger();
  readonly #appends = new Set<Promise<number>>();

  constructor(options: DurableQueueOptions<T>) {
    this.#options = options;
  }

  // oxlint-disable-next-line typescript/require-await -- what fails, rejects.
  async open(): Promise<Backlog> {
    this.#queue = this.#options.queue();
    return this.#queue.totals();
  }

  append(load: T): Promise<number> {
    const { form } = this.#options;
    const entry = { meta: describe(load), data: form.parts(load), items: load.items };
    const appending = this.#opened().append(entry, (sequence) => this.#keep(sequence, load));
    this.#appends.add(appending);
    const forget = () => void this.#appends.delete(appending);
    appending.then(forget, forget);
    return appending;
  }

  read(): Promise<Stored<T> | Unreadable> {
    const queue = this.#opened();
    if (this.#isTurnOfBacklog(queue)) return this.#readAhead(queue);
    const sequence = queue.takeFresh() as number;
    const load = this.#resident.get(sequence) as T;
    this.#resident.delete(sequence);
    this.#residentBytes -= load.bytes;
    return Promise.resolve({ sequence, load });
  }

  done(sequence: number): void {
    this.#opened().done(sequence);
  }

  async close(): Promise<void> {
    const queue = this.#queue;
    this.#queue = undefined;
    this.#closing.fire();
    for (const load of this.#resident.values()) load.release();
    this.#resident.clear();
    this.#residentBytes = 0;
    for (const { load } of await Promise.all(this.#ahead.drain())) load?.release();
    // Who holds the queue next must find what a slow disk is still writing.
    await Promise.allSettled(this.#appends);
    queue?.release();
  }

  #keep(sequence: number, load: T): void {
    if (this.#queue === undefined) {
      load.release();
      return;
    }
    this.#resident.set(sequence, load);
    this.#residentBytes += load.bytes;
    while (this.#residentBytes > this.#options.residentBytesMax) this.#demote(this.#queue);
  }

  /** Gives the memory of the oldest fresh load back: the load is on disk. */
  #demote(queue: QueueLog): void {
    const sequence = queue.demote() as number;
    const load = this.#resident.get(sequence) as T;
    this.#resident.delete(sequence);
    this.#residentBytes -= load.bytes;
    load.release();
  }

  #isTurnOfBacklog(queue: QueueLog): boolean {
    if (queue.fresh === 0) return true;
    if (queue.backlog === 0 && this.#ahead.length === 0) return false;
    this.#credit += this.#options.backlogShare;
    if (this.#credit < 1) return false;
    this.#credit -= 1;
    return true;
  }

  #readAhead(queue: QueueLog): Promise<Stored<T> | Unreadable> {
    while (this.#ahead.length < READ_AHEAD && queue.backlog > 0) this.#ahead.push(this.#load(queue));
    const next = this.#ahead.shift();
    if (next === undefined) throw new Error('there is nothing to read');
    return next;
  }

  async #load(queue: QueueLog): Promise<Stored<T> | Unreadable> {
    const entry = (await queue.readOne()) as ReadEntry | PassedOver;
    const { sequence, items } = entry;
    if (!('data' in entry)) return { sequence, load: undefined, items, bytes: entry.dataBytes, kept: entry.kept };
    while (!this.#closing.fired) {
      try {
        return { sequence, load: this.#options.form.make(asLoad(entry)) };
      } catch (error) {
        if (!isRetryable(error)) {
          const { logger } = this.#options;
          logger.error('an entry of the storage cannot be sent, and stays', { error: messageOf(error), items });
          break;
        }
        // Whoever holds the memory gives it back when it delivers; what this queue holds for speed goes first.
        while (queue.fresh > 0) this.#demote(queue);
        await this.#pause();
      }
    }
    return { sequence, load: undefined, items, bytes: entry.data.length, kept: true };
  }

  /** Waits a little, or until the queue is closed. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(MEMORY_PAUSE_MS, () => {
        unsubscribe();
        resolve();
      });
      const unsubscribe = this.#closing.subscribe(() => {
        cancel();
        resolve();
      });
    });
  }

  #opened(): QueueLog {
    if (this.#queue === undefined) throw new Error('the queue is not open');
    return this.#queue;
  }
}

/** Shipments as they are sent. */
export const shipmentForm: LoadForm<Shipment> = {
  parts: (shipment) => [shipment.payload],
  make: ({ signal, items, bytes, context }) => ({
    signal,
    items,
    bytes: bytes.length,
    payload: bytes,
    context,
    release() {},
  }),
};

/** Batches whose bytes nobody accounts for; an engine that does has its own. */
export const batchForm: LoadForm<Batch> = {
  parts: (batch) => batch.chunks,
  make: ({ signal, items, bytes, context }) => {
    const batch: Batch = {
      signal,
      chunks: [bytes],
      items,
      bytes: bytes.length,
      context,
      share: () => ({ ...batch }),
      release() {},
    };
    return batch;
  },
};

/** Most loads of a queue differ in their payload only. */
const BARE = new Map<Signal, Buffer>();

function describe({ signal, context }: Load): Uint8Array {
  if (context !== undefined) return Buffer.from(JSON.stringify({ signal, context }));
  let bare = BARE.get(signal);
  if (bare === undefined) BARE.set(signal, (bare = Buffer.from(JSON.stringify({ signal }))));
  return bare;
}

function asLoad({ meta, data, items }: ReadEntry): StoredLoad {
  const { signal, context } = JSON.parse(Buffer.from(meta).toString()) as { signal: Signal; context?: ClientContext };
  // Not a Buffer, whose `slice` is something else than Uint8Array's.
  return { signal, context, items, bytes: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}
