import { handOver } from './hand-over.ts';
import { Losses } from './losses.ts';

/** As of the SDK's own batch processors. */
export interface BatchOptions {
  /** Most records that are held, those on their way included; what comes on top is dropped. Default: 2,048. */
  readonly maxQueueSize?: number;
  /** Most records in one request; so many go at once. Default: 512. */
  readonly maxExportBatchSize?: number;
  /** Longest time that a record waits for others, in milliseconds. Default: 1,000 for logs, 5,000 for spans. */
  readonly scheduledDelayMillis?: number;
  /** How long the collector may take, refusals for the moment included, in milliseconds. Default: 30,000. */
  readonly exportTimeoutMillis?: number;
}

export interface BatchQueueSettings<T> extends Required<BatchOptions> {
  /** For messages: the class, and what its items are called. */
  readonly who: string;
  readonly items: string;
  readonly encode: (items: readonly T[]) => Promise<Uint8Array>;
  readonly send: (request: Uint8Array) => Promise<unknown>;
}

/** Gathers records into requests and hands them over; several may be on their way, as long as there is room. */
export class BatchQueue<T> {
  readonly losses: Losses;
  readonly #settings: BatchQueueSettings<T>;
  #waiting: T[] = [];
  /** Items on their way. */
  #sending = 0;
  readonly #underWay = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(settings: BatchQueueSettings<T>) {
    const { who, items, maxQueueSize, maxExportBatchSize } = settings;
    if (maxExportBatchSize < 1 || maxExportBatchSize > maxQueueSize) {
      throw new RangeError(
        `maxExportBatchSize is ${maxExportBatchSize}: it must be 1 to maxQueueSize (${maxQueueSize})`,
      );
    }
    this.#settings = settings;
    this.losses = new Losses(who, items);
  }

  add(item: T): void {
    if (this.#stopped !== undefined) return;
    const { maxQueueSize, maxExportBatchSize, scheduledDelayMillis } = this.#settings;
    if (this.#waiting.length + this.#sending >= maxQueueSize) {
      this.losses.noRoom(maxQueueSize);
      return;
    }
    this.losses.roomAgain();
    this.#waiting.push(item);
    if (this.#waiting.length >= maxExportBatchSize) this.#sendBatch();
    else this.#timer ??= setTimeout(() => this.#sendBatch(), scheduledDelayMillis).unref();
  }

  /**
   * Resolves when everything that was added before is acknowledged. Rejects with the error of a request that was not: its
   * records are lost.
   */
  flush(): Promise<void> {
    return this.#stopped ?? this.#flush();
  }

  /** Flushes, and takes nothing any more. */
  stop(): Promise<void> {
    this.#stopped ??= this.#flush().finally(() => this.losses.roomAgain());
    return this.#stopped;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) this.#sendBatch();
    const results = await Promise.allSettled(this.#underWay);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  #sendBatch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting.splice(0, this.#settings.maxExportBatchSize);
    this.#sending += batch.length;
    const sent = this.#send(batch).finally(() => {
      this.#sending -= batch.length;
      this.#underWay.delete(sent);
    });
    this.#underWay.add(sent);
    sent.catch(() => undefined); // It was told; who flushes hears of it.
  }

  async #send(batch: readonly T[]): Promise<void> {
    const { encode, send, exportTimeoutMillis } = this.#settings;
    try {
      const request = await encode(batch);
      await handOver(() => send(request), exportTimeoutMillis);
    } catch (error) {
      this.losses.refused(batch.length, error);
      throw error;
    }
  }
}
