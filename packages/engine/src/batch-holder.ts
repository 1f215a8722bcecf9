import { DeliveryError, type Kind, type Logger, messageOf, permanent, type StatefulComponent } from '@millrace/api';
import { pluginBehind, type StepFault } from '@millrace/workers';
import type { BatchMisuse, RegionBatch } from './region-batch.ts';

export interface BatchHolderSettings {
  readonly kind: Kind;
  readonly id: string;
  readonly logger: Logger;
  /** Told of what the component throws and did not mean to. */
  readonly onFault: ((fault: StepFault) => void) | undefined;
}

/** A stateful component as one who is given batches: names it where it does wrong by them, and counts what it holds. */
export class BatchHolder {
  readonly #settings: BatchHolderSettings;
  readonly #name: string;
  readonly #said = new Set<BatchMisuse>();
  #held = 0;

  constructor(settings: BatchHolderSettings) {
    this.#settings = settings;
    this.#name = `${settings.kind} "${settings.id}"`;
  }

  /** Has the component consume a batch. @throws {DeliveryError} its own, or a permanent one where it threw by mistake */
  async give(component: Pick<StatefulComponent, 'consume'>, batch: RegionBatch): Promise<void> {
    try {
      await component.consume(batch);
    } catch (error) {
      if (error instanceof DeliveryError) throw error;
      const message = `${this.#name} failed: ${messageOf(error)}`;
      this.#settings.onFault?.({ message, at: pluginBehind(error)?.at ?? this.#name });
      throw permanent(message, { code: 'INTERNAL', cause: error });
    }
  }

  /** One more is its own: a batch that it is given, a share or a piece of one. */
  took(): void {
    this.#held++;
  }

  /** It has passed one on or released it. */
  gaveUp(): void {
    this.#held--;
  }

  /** Names a component that uses batches which it has given up; once for each way of doing so. */
  misuses(what: BatchMisuse): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.#settings.logger.error(`${this.#name} ${what} a batch that it has passed on or released before`, {
      rule: 'a batch is passed on or released once; each owner has a share() of its own',
      remedy: 'correct the plugin: pass batch.share() on where the batch is needed again, and release that once',
    });
  }

  /** To be called when it has ended: nothing will become of what it holds now. */
  warnOfHeld(): void {
    if (this.#held === 0) return;
    const batches = this.#held === 1 ? '1 batch' : `${this.#held} batches`;
    this.#settings.logger.warn(`${this.#name} has ended and still holds ${batches} that it was given`, {
      batches: this.#held,
      rule: 'a batch, and each share() and piece of it, is passed on with next() or released',
      remedy: 'pass on in shutdown() what is held, and release what is dropped',
    });
  }
}
