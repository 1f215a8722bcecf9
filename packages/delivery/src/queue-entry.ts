import { DeliveryError } from '@millrace/api';
import type { Load } from './shipment.ts';

/** How a part of an entry ended. */
export interface PartResult {
  /** Items that did not arrive. */
  readonly failedItems: number;
  readonly error: DeliveryError | undefined;
  /** Shutdown came first: a durable queue keeps the entry. */
  readonly left: boolean;
}

/** A piece of an entry, whole or cut; each ends on its own. */
export interface Part<T extends Load> {
  readonly entry: QueueEntry<T>;
  readonly load: T;
}

/**
 * One load in a sending queue, and the account of what becomes of it.
 *
 * A load may be cut and its parts merged with others, so the entry keeps two counts: parts whose fate is not known
 * (at none, `result` comes), and parts whose bytes are still held (at none, its room in the queue is free).
 */
export class QueueEntry<T extends Load> {
  readonly sequence: number;
  /** What it takes of the queue's capacity. */
  readonly size: number;
  readonly items: number;
  /** The load as a single part. */
  readonly whole: Part<T>;
  /** Comes when all parts have ended: why the entry failed, in whole or in part. Never rejects. */
  readonly result: Promise<DeliveryError | undefined>;
  readonly #resolve: (error: DeliveryError | undefined) => void;
  readonly #onClosed: (entry: QueueEntry<T>) => void;
  #unsettled = 1;
  #open = 1;
  #failedItems = 0;
  #errors: DeliveryError[] = [];
  #left = false;

  constructor(options: { sequence: number; size: number; load: T; onClosed: (entry: QueueEntry<T>) => void }) {
    this.sequence = options.sequence;
    this.size = options.size;
    this.items = options.load.items;
    this.whole = { entry: this, load: options.load };
    const { promise, resolve } = Promise.withResolvers<DeliveryError | undefined>();
    this.result = promise;
    this.#resolve = resolve;
    this.#onClosed = options.onClosed;
  }

  /** Whether any of it was left undone at shutdown. */
  get left(): boolean {
    return this.#left;
  }

  /** Replaces one part by two. */
  split(head: T, rest: T): readonly [Part<T>, Part<T>] {
    this.#unsettled += 1;
    this.#open += 1;
    return [
      { entry: this, load: head },
      { entry: this, load: rest },
    ];
  }

  /** The fate of one part is known. */
  settlePart(result: PartResult): void {
    this.#failedItems += result.failedItems;
    if (result.error !== undefined) this.#errors.push(result.error);
    if (result.left) this.#left = true;
    this.#unsettled -= 1;
    if (this.#unsettled === 0) this.#resolve(this.#error());
  }

  /** The bytes of one part are released. */
  closePart(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#onClosed(this);
  }

  /**
   * One error for all parts: retryable if any of them is, since the sender holds the only copy of what may still be
   * taken.
   */
  #error(): DeliveryError | undefined {
    const error = this.#errors.find((each) => each.retryable) ?? this.#errors[0];
    if (error === undefined) return undefined;
    const failedItems = this.#failedItems < this.items ? this.#failedItems : undefined;
    if (failedItems === error.failedItems) return error;
    return new DeliveryError(error.message, {
      code: error.code,
      retryable: error.retryable,
      cause: error,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      ...(failedItems === undefined ? {} : { failedItems }),
    });
  }
}
