import { DeliveryError } from '@millrace/api';
import type { Consignment } from './consignment.ts';
import type { PartResult } from './queue-entry.ts';
import type { Load } from './shipment.ts';

/** What the sender of a part of a consignment is told of it, by the items of the part; asked once for each, in order. */
export type FailureShare = (items: number) => Pick<PartResult, 'failedItems' | 'error'>;

export const NOTHING_FAILED: FailureShare = () => ({ failedItems: 0, error: undefined });

/**
 * A destination that takes a request in part does not say which items it rejected. Where several senders' items were merged,
 * each of them hears of as many as may be its own: none may take for delivered what was not.
 */
export function shareOf<T extends Load>(
  parts: Consignment<T>['parts'],
  { error, failedItems, items }: { error: DeliveryError | undefined; failedItems: number; items: number },
): FailureShare {
  if (error === undefined || failedItems === 0) return NOTHING_FAILED;
  if (failedItems === items) return (own) => ({ failedItems: own, error });
  if (parts.some(({ entry }) => entry !== parts[0].entry)) {
    const doubt = ofSomebody(error, { failedItems, items });
    return (own) => ({ failedItems: Math.min(failedItems, own), error: doubt });
  }
  let rest = failedItems;
  return (own) => {
    const failed = Math.min(rest, own);
    rest -= failed;
    return { failedItems: failed, error: failed > 0 ? error : undefined };
  };
}

function ofSomebody(error: DeliveryError, count: { failedItems: number; items: number }): DeliveryError {
  const { message, code, retryable, retryAfterMs } = error;
  return new DeliveryError(
    `${message}; ${count.failedItems} of ${count.items} items of a merged request failed, and nobody knows whose`,
    { code, retryable, cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  );
}
