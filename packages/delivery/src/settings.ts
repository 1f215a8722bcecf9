import type { retryOnFailure, sendingQueue, Static } from '@millrace/api';

/** `sending_queue` as decoded: durations in milliseconds. */
export type SendingQueueSettings = Static<ReturnType<typeof sendingQueue>>;

/** `sending_queue.batch` as decoded. */
export type BatchSettings = NonNullable<SendingQueueSettings['batch']>;

/** Unit of the sizes of batches: their own, or the queue's, which may count requests where batches cannot. */
export function batchSizerOf(queue: SendingQueueSettings): 'items' | 'bytes' {
  return queue.batch?.sizer ?? (queue.sizer === 'bytes' ? 'bytes' : 'items');
}

/** `retry_on_failure` as decoded. */
export type RetrySettings = Static<ReturnType<typeof retryOnFailure>>;

/** The part of an exporter's config that the engine acts upon. What is absent is not done. */
export interface DeliverySettings {
  /** Longest time for one attempt in milliseconds; 0 or absent: no limit. */
  readonly timeout?: number | undefined;
  readonly sending_queue?: SendingQueueSettings | undefined;
  readonly retry_on_failure?: RetrySettings | undefined;
}
