import type { Batch, DeliveryError } from '@millrace/api';
import { asDeliveryError } from '../delivery-errors.ts';
import type { Shipment } from '../shipment.ts';

/** Why a load was given up. */
export interface GivenUp {
  readonly error: DeliveryError;
  /** How many times the sink was called with it, in this process. */
  readonly attempts: number;
  /** When it was first sent, in this process, and when it was given up; milliseconds since the Unix epoch. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Where a delivery leaves what cannot be delivered. */
export interface DeadLetter {
  /** Whether it is as quick as a disk, and takes what a shutdown would leave. Nobody waits at the end for one that is not. */
  readonly isLocal: boolean;
  /**
   * Keeps a load, whose bytes it may read until the result settles. Resolves when it is safe, which takes the place of
   * delivery. Rejects with a DeliveryError: a retryable one when it may be taken later.
   */
  keep(load: Shipment | Batch, why: GivenUp): Promise<void>;
}

/** Wait before a dead letter that had no room is asked again. */
const PAUSE_MS = 1000;

/**
 * Keeps loads one after the other. A dead letter that takes nothing for now is asked again until `isOver`; then, or when it
 * refuses for good, the result says why.
 */
export async function keepAll(
  loads: readonly (Shipment | Batch)[],
  why: GivenUp,
  around: {
    readonly id: string;
    readonly deadLetter: DeadLetter;
    readonly isOver: () => boolean;
    readonly pause: (delayMs: number) => Promise<void>;
    readonly onRefused: (error: DeliveryError) => void;
  },
): Promise<DeliveryError | undefined> {
  const { id, deadLetter, isOver, pause, onRefused } = around;
  for (const load of loads) {
    for (let tries = 1; ; tries++) {
      try {
        await deadLetter.keep(load, why);
        break;
      } catch (failure) {
        const error = asDeliveryError(id, failure);
        if (!error.retryable || isOver()) return error;
        if (tries === 1) onRefused(error);
      }
      await pause(PAUSE_MS);
    }
  }
  return undefined;
}
