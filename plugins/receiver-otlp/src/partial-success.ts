import { DeliveryError } from '@millrace/api';
import type { PartialSuccess } from '@millrace/otlp';

/**
 * A permanent error that concerns only some items: the others were taken, and the sender must send none of them again
 * (OTLP specification, "Partial Success").
 */
export function partialSuccess(error: unknown): PartialSuccess | undefined {
  if (!(error instanceof DeliveryError) || error.retryable || error.failedItems === undefined) return undefined;
  return { rejected: error.failedItems, message: error.message };
}
