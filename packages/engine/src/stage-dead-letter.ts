import { type Clock, type Counter, type DeliveryError, type Logger, permanent } from '@millrace/api';
import type { DeadLetter } from '@millrace/delivery';
import {
  type Arena,
  type LeafBatch,
  type Mill,
  type Part,
  type PartOutcome,
  type Region,
  sliceItems,
} from '@millrace/workers';
import type { Signal } from '@millrace/api';
import { RegionBatch } from './region-batch.ts';
import { asDeliveryError } from './stage.ts';

export interface StageDeadLetterSettings {
  readonly signal: Signal;
  readonly deadLetter: DeadLetter;
  /** Plan that decodes what a receiver was given; undefined where parts are OTLP already. */
  readonly decodePlan: string | undefined;
  readonly mill: Mill;
  readonly arena: Arena;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
  /** Counts what is kept. */
  readonly items: Counter;
}

/** Leaves what the steps of a stage could not digest in a dead letter: the items, where it is known which they are. */
export class StageDeadLetter {
  readonly #settings: StageDeadLetterSettings;

  constructor(settings: StageDeadLetterSettings) {
    this.#settings = settings;
  }

  /** Says why it is not kept. Reads the part's bytes until it settles. */
  keep(part: Part, outcome: PartOutcome): Promise<DeliveryError | undefined> {
    return this.#keep(() => this.#lost(part, outcome), outcome.error as DeliveryError, outcome.failedItems);
  }

  /** The same for what a component behind the stage refused. */
  keepLeaf(leaf: LeafBatch, error: DeliveryError): Promise<DeliveryError | undefined> {
    const regions = () => leaf.regions.map((region) => region.share());
    return this.#keep(() => Promise.resolve(new RegionBatch({ ...leaf, regions: regions() })), error, leaf.items);
  }

  async #keep(
    read: () => Promise<RegionBatch>,
    error: DeliveryError,
    failedItems: number,
  ): Promise<DeliveryError | undefined> {
    const { deadLetter, clock, logger, items: counter } = this.#settings;
    try {
      const batch = await read();
      try {
        const now = clock.now();
        await deadLetter.keep(batch, { error, attempts: 1, firstMs: now, lastMs: now });
        counter.add(batch.items, { data_type: batch.signal });
        logger.warn('data goes to the dead letter', { error: error.message, code: error.code, items: batch.items });
      } finally {
        batch.release();
      }
      return undefined;
    } catch (failure) {
      const reason = asDeliveryError(failure);
      logger.error('data that was given up could not be kept', {
        error: reason.message,
        code: reason.code,
        items: failedItems,
      });
      return reason;
    }
  }

  /** The items that workers died over; else all, since a step that fails does not say which it fails on. */
  async #lost(part: Part, { killers }: PartOutcome): Promise<RegionBatch> {
    const { signal, arena } = this.#settings;
    const { context } = part;
    const regions = await this.#decoded(part);
    try {
      const chunks = regions.map(({ bytes }) => bytes);
      const lost = killers?.flatMap(({ from, to }) => sliceItems(signal, chunks, from, to)) ?? chunks;
      return RegionBatch.copied(lost, { signal, context }, arena);
    } finally {
      for (const region of regions) region.release();
    }
  }

  async #decoded(part: Part): Promise<readonly Region[]> {
    const { decodePlan, mill } = this.#settings;
    if (decodePlan === undefined) return [part.region.share()];
    const { leaves, parts } = await mill.grind(decodePlan, [part], { priority: 'normal' });
    const error = parts[0]?.error;
    if (error === undefined) return leaves.flatMap(({ regions }) => regions);
    for (const { regions } of leaves) for (const region of regions) region.release();
    throw permanent(`it cannot be decoded: ${error.message}`, { code: error.code, cause: error });
  }
}
