import type { circuitBreaker, exporterSettings, retryOnFailure, sendingQueue, Static } from '@millrace/api';

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

/** `sending_queue.adaptive_concurrency` as decoded. */
export type AdaptiveConcurrency = NonNullable<
  Static<ReturnType<typeof exporterSettings>['sending_queue']>['adaptive_concurrency']
>;

/** `circuit_breaker` as decoded. */
export type CircuitSettings = Static<ReturnType<typeof circuitBreaker>>;

/** The part of an exporter's config that the engine acts upon. What is absent is not done. */
export interface DeliverySettings {
  /** Longest time for one attempt in milliseconds; 0 or absent: no limit. */
  readonly timeout?: number | undefined;
  readonly sending_queue?: (SendingQueueSettings & { readonly adaptive_concurrency?: AdaptiveConcurrency }) | undefined;
  readonly retry_on_failure?: RetrySettings | undefined;
  readonly circuit_breaker?: CircuitSettings | undefined;
}

/** The bounds between which concurrency adapts; undefined where it does not. */
export function adaptiveOf({ sending_queue: queue }: DeliverySettings): AdaptiveConcurrency | undefined {
  const adaptive = queue?.enabled === true ? queue.adaptive_concurrency : undefined;
  return adaptive?.enabled === true ? adaptive : undefined;
}
