import type { Batch, ClientContext, Signal } from '@millrace/api';
import { Fifo } from '../fifo.ts';
import type { Backlog, QueueStore, Stored } from '../queue-store.ts';
import type { Load, Shipment } from '../shipment.ts';
import type { QueueLog, ReadEntry } from './queue-log.ts';

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
  readonly make: (stored: StoredLoad) => T;
}

export interface DurableQueueOptions<T extends Load> {
  /** Gives the queue when the storage is open. */
  readonly queue: () => QueueLog;
  readonly form: LoadForm<T>;
  /**
   * Loads up to this many bytes stay in memory and are handed out as they came; beyond, loads are released once they
   * are on disk, and read again when it is their turn. `Infinity` where the reader keeps the loads it appended.
   */
  readonly residentBytesMax: number;
}

/** A sending queue's store on disk: what `append` resolved for is delivered, or still there after any crash. */
export class DurableQueue<T extends Load> implements QueueStore<T> {
  readonly guarantee = 'safe';
  readonly #options: DurableQueueOptions<T>;
  /** The newest of the unread loads, or all of them. */
  readonly #resident = new Map<number, T>();
  readonly #readers = new Fifo<(stored: Stored<T>) => void>();
  #residentBytes = 0;
  #queue: QueueLog | undefined;

  constructor(options: DurableQueueOptions<T>) {
    this.#options = options;
  }

  // oxlint-disable-next-line typescript/require-await -- what fails, rejects.
  async open(): Promise<Backlog> {
    this.#queue = this.#options.queue();
    return this.#queue.totals();
  }

  async append(load: T): Promise<number> {
    const { form, residentBytesMax } = this.#options;
    const sequence = await this.#opened().append({ meta: describe(load), data: form.parts(load), items: load.items });
    if (this.#readers.length === 0 && this.#residentBytes + load.bytes > residentBytesMax) {
      load.release();
    } else {
      this.#residentBytes += load.bytes;
      this.#resident.set(sequence, load);
    }
    if (this.#readers.length > 0) void this.#serve();
    return sequence;
  }

  async read(): Promise<Stored<T>> {
    const { promise, resolve } = Promise.withResolvers<Stored<T>>();
    this.#readers.push(resolve);
    await this.#serve();
    return promise;
  }

  done(sequence: number): void {
    this.#opened().done(sequence);
  }

  // oxlint-disable-next-line typescript/require-await -- what fails, rejects.
  async close(): Promise<void> {
    const queue = this.#queue;
    this.#queue = undefined;
    for (const load of this.#resident.values()) load.release();
    this.#resident.clear();
    this.#residentBytes = 0;
    queue?.release();
  }

  /** Hands the oldest entry to the reader. When all that was left can't be read, the reader waits for the next one. */
  async #serve(): Promise<void> {
    const queue = this.#queue;
    const next = queue?.peek();
    if (queue === undefined || next === undefined || this.#readers.length === 0) return;
    const resident = this.#resident.get(next);
    if (resident !== undefined) {
      queue.skip();
      this.#resident.delete(next);
      this.#residentBytes -= resident.bytes;
      this.#readers.shift()?.({ sequence: next, load: resident });
      return;
    }
    const reader = this.#readers.shift();
    const entry = await queue.read();
    if (entry === undefined) {
      if (reader !== undefined) this.#readers.push(reader);
      return;
    }
    const passedOver = this.#resident.get(entry.sequence);
    if (passedOver !== undefined) {
      this.#resident.delete(entry.sequence);
      this.#residentBytes -= passedOver.bytes;
      passedOver.release();
    }
    reader?.({ sequence: entry.sequence, load: this.#options.form.make(asLoad(entry)) });
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
