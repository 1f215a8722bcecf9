import { ComponentError } from '@millrace/api';
import type { Batch, ClientContext, Clock, DeliveryError, Logger, Signal, Sink, Telemetry } from '@millrace/api';
import type { DeadLetter } from './dead-letter/dead-letter.ts';
import { DirectDelivery } from './direct-delivery.ts';
import type { CutBatch } from './queue-batcher.ts';
import type { QueueStore } from './queue-store.ts';
import { QueuedDelivery } from './queued-delivery.ts';
import type { DeliverySettings } from './settings.ts';
import type { Load, Shipment } from './shipment.ts';
import type { SinkState } from './sink-status.ts';
import type { Sizer } from './sizer.ts';

/** A sending queue as seen from outside. */
export interface QueueStats {
  /** Room taken, in units of `sizer`: waiting, being sent, or waiting for a retry. */
  readonly size: number;
  readonly capacity: number;
  readonly sizer: Sizer;
  /** Items in it that are not dealt with. */
  readonly items: number;
  /** Senders that wait for room (`block_on_overflow`). */
  readonly blocked: number;
}

/** What stands between the pipeline and one signal of an exporter. */
export interface Delivery<T extends Load> {
  /**
   * What a resolved `consume` means: `memory`, the data waits in memory and may be lost; `safe`, it is delivered or
   * on disk.
   */
  readonly guarantee: 'memory' | 'safe';
  /** Undefined without a sending queue. */
  readonly queue: QueueStats | undefined;
  /** Begins to send; the sink has been started. Called once. */
  start(): Promise<void>;
  /**
   * Takes a load over, whatever happens, and releases it when the sink has let go of it. Resolves when responsibility
   * is taken, as `guarantee` says. Rejects with a DeliveryError: the sink's own, or QUEUE_FULL, TOO_LARGE, SHUTDOWN,
   * TIMEOUT, RETRIES_EXHAUSTED, STORE_FAILED, UNEXPECTED; `failedItems` set means that the others have arrived.
   * With `asksAgain`, the caller will bring the same data again after a retryable error: a full queue's refusal is then
   * not counted as failed, or one outage would count the same items over and over. SHUTDOWN is the last word for all.
   */
  consume(load: T, options?: { readonly asksAgain: boolean }): Promise<void>;
  /**
   * Refuses what is new, sends what is there (waits for retries end, with one last attempt each) and resolves when
   * that is done or `deadlineMs`, on the clock's `monotonic()`, is reached. A queue on disk ends as soon as the
   * destination does not take what it is sent, or with `leavesStored` at once: then only what is being sent is waited
   * for, and a successor continues with the rest. May be called again, and without `start`; the earliest deadline of
   * all calls counts. The sink is shut down afterwards.
   */
  shutdown(options: { deadlineMs: number; leavesStored?: boolean }): Promise<Remains>;
}

/** What a shutdown did not deliver of what `consume` had taken responsibility for. */
export interface Remains {
  /** Items that are lost to the exporter. */
  readonly leftItems: number;
  /** Items that stay on disk. */
  readonly keptItems: number;
}

/** What the engine does with OTLP batches for `sending_queue.batch`. */
export interface Batching {
  readonly cut: CutBatch;
  /**
   * Merges batches, in their order, into one request of all their items. Reads them until it settles and does not
   * release them. A rejection gives the data up (not a DeliveryError: as permanent).
   */
  readonly encode: (batches: readonly Batch[], context: ClientContext | undefined) => Promise<Shipment>;
}

/** What makes a delivery; one for each signal of an exporter, as in the Collector. */
export interface DeliveryOptions {
  /** The exporter's id. */
  readonly id: string;
  readonly signal: Signal;
  readonly settings: DeliverySettings;
  /** Its `start` and `shutdown` are called by whoever made it. */
  readonly sink: Pick<Sink, 'send'>;
  readonly clock: Clock;
  /** Values in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly onStatus?: (state: SinkState, message?: string) => void;
  /**
   * Takes what the destination will not have: what it refuses for good, and what senders were told is accepted and was not
   * delivered in time. A sender that waits learns that its data was taken, but hears itself of errors that it can retry.
   */
  readonly deadLetter?: DeadLetter | undefined;
  /**
   * Called with what nobody else keeps and that will not be delivered: after `consume` had resolved. The load is
   * released once the result settles. `error.failedItems` set means that the others have arrived.
   */
  readonly onGivenUp?: (load: Shipment | Batch, error: DeliveryError, attempts: number) => void | Promise<void>;
}

/**
 * Whether the delivery takes batches and encodes after the queue: to merge what waits, or because what is on disk has to
 * mean the same to the configuration of the next start.
 */
export function queuesBatches(settings: DeliverySettings): boolean {
  const { sending_queue: queue } = settings;
  return queue?.enabled === true && (queue.batch !== undefined || queue.storage !== undefined);
}

/**
 * Makes the delivery that the settings describe. `batching` is given when {@link queuesBatches}, and may be for any other
 * queue: a dead letter then gets batches as they came.
 */
export function createDelivery(
  options: DeliveryOptions & { readonly batching: Batching; readonly store?: QueueStore<Batch> },
): Delivery<Batch>;
export function createDelivery(
  options: DeliveryOptions & { readonly store?: QueueStore<Shipment> },
): Delivery<Shipment>;
export function createDelivery(
  options: DeliveryOptions & {
    readonly batching?: Batching;
    readonly store?: QueueStore<Batch> | QueueStore<Shipment>;
  },
): Delivery<Batch> | Delivery<Shipment> {
  const { id, settings, batching, store } = options;
  const queue = settings.sending_queue;
  if (queue?.enabled === true && queue.storage !== undefined && store === undefined) {
    throw new ComponentError(`${id}: sending_queue.storage names "${queue.storage}", which offers no queue storage`, {
      code: 'STORAGE_UNAVAILABLE',
      remedy: 'Name a storage extension, or remove the key to keep the queue in memory.',
    });
  }
  if (queuesBatches(settings) && batching === undefined) {
    throw new TypeError(`${id}: batching must be given where sending_queue.batch or sending_queue.storage is set`);
  }
  if (queue?.enabled !== true) return new DirectDelivery(options);
  if (batching !== undefined) {
    return new QueuedDelivery<Batch>({ ...options, queue, batching, store: store as QueueStore<Batch> | undefined });
  }
  return new QueuedDelivery<Shipment>({
    ...options,
    queue,
    batching: undefined,
    store: store as QueueStore<Shipment> | undefined,
  });
}
