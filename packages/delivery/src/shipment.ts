import type { Batch, ClientContext, DeliveryError, Signal } from '@millrace/api';

/** What waits in a sending queue: a {@link Shipment}, or a batch that is still to be merged and encoded. */
export interface Load {
  readonly signal: Signal;
  /** Log records, spans, data points or profiles. */
  readonly items: number;
  /** Length of the payload (a batch: of its OTLP bytes). */
  readonly bytes: number;
  readonly context: ClientContext | undefined;
  /** Gives the bytes back; called exactly once by whoever holds the load last. */
  release(): void;
}

/** A request that is ready to be handed to a sink. */
export interface Shipment extends Load {
  /** What the sink sends; valid until `release`. */
  readonly payload: Uint8Array;
  /** What the payload was made of, where somebody still has it: a dead letter keeps that instead. */
  readonly source?: Batch;
  /**
   * Why `failedItems` of its items are not in the payload: encoding failed on them. The others are sent, and what comes of
   * the whole is this error at best.
   */
  readonly unencoded?: DeliveryError;
}
