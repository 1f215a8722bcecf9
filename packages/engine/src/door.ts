import type { DeliveryError } from '@millrace/api';
import type { LeafBatch } from '@millrace/workers';
import type { RegionBatch } from './region-batch.ts';
import type { LeafTarget } from './stage.ts';

/** What takes leaves of stages, and batches that others give up. */
export interface DoorTarget extends LeafTarget {
  /** Takes a batch over that does not come from a stage, whatever happens. */
  take(batch: RegionBatch): Promise<void>;
}

/**
 * The way into an exporter for one signal. A reload can hold it shut for a moment, in which senders wait, and can have
 * it lead to the exporter's successor.
 */
export class Door implements DoorTarget {
  /** Whether what comes through is OTLP, encoded only behind the queue: any other such door can take it. */
  readonly takesBatches: boolean;
  #target: DoorTarget;
  #opening: PromiseWithResolvers<void> | undefined;

  constructor(target: DoorTarget, options: { readonly takesBatches: boolean }) {
    this.#target = target;
    this.takesBatches = options.takesBatches;
  }

  consume(leaf: LeafBatch, manner?: { readonly asksAgain: boolean }): Promise<void> {
    return this.#opening === undefined ? this.#target.consume(leaf, manner) : this.#wait(leaf, manner);
  }

  async take(batch: RegionBatch): Promise<void> {
    try {
      await this.#opening?.promise;
    } catch (error) {
      batch.release();
      throw error;
    }
    return this.#target.take(batch);
  }

  /** Whoever comes waits, until it is opened. */
  hold(): void {
    if (this.#opening !== undefined) return;
    this.#opening = Promise.withResolvers<void>();
    this.#opening.promise.catch(() => undefined); // There may be nobody who waits.
  }

  open(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  /** Who waits and who comes is sent on. */
  lead(to: DoorTarget): void {
    this.#target = to;
    this.open();
  }

  /** Who waits is refused. */
  refuse(error: DeliveryError): void {
    this.#opening?.reject(error);
  }

  async #wait(leaf: LeafBatch, manner: { readonly asksAgain: boolean } | undefined): Promise<void> {
    try {
      await this.#opening?.promise;
    } catch (error) {
      for (const region of leaf.regions) region.release();
      throw error;
    }
    return this.#target.consume(leaf, manner);
  }
}
