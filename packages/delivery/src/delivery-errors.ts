import { DeliveryError, messageOf } from '@millrace/api';
import type { Sizer } from './sizer.ts';

export function queueFull(id: string, queue: { size: number; capacity: number; sizer: Sizer }): DeliveryError {
  return new DeliveryError(
    `${id}: the sending queue is full (${queue.size} of ${queue.capacity} ${queue.sizer}); send again later, or raise sending_queue.queue_size`,
    { code: 'QUEUE_FULL', retryable: true },
  );
}

/** The Collector refuses these at once, too: they would not even fit into the empty queue. */
export function tooLarge(id: string, size: number, queue: { capacity: number; sizer: Sizer }): DeliveryError {
  return new DeliveryError(
    `${id}: a batch of ${size} ${queue.sizer} can never fit into a sending queue of ${queue.capacity}; raise sending_queue.queue_size or send smaller batches`,
    { code: 'TOO_LARGE', retryable: false },
  );
}

export function shuttingDown(id: string, cause?: DeliveryError): DeliveryError {
  const why = cause === undefined ? '' : `; last error: ${cause.message}`;
  return new DeliveryError(`${id}: shutting down before the data was delivered${why}`, {
    code: 'SHUTDOWN',
    retryable: true,
    cause,
    ...(cause?.failedItems === undefined ? {} : { failedItems: cause.failedItems }),
  });
}

/** Whether asking again can help; a delivery that has been shut down never takes anything again. */
export function isForNow(error: DeliveryError): boolean {
  return error.retryable && error.code !== 'SHUTDOWN';
}

export function timedOut(id: string, timeoutMs: number): DeliveryError {
  return new DeliveryError(`${id}: no answer within the timeout of ${timeoutMs} ms`, {
    code: 'TIMEOUT',
    retryable: true,
  });
}

export function retriesExhausted(id: string, last: DeliveryError, spent: { attempts: number; ms: number }) {
  return new DeliveryError(
    `${id}: gave up after ${spent.attempts} attempt${spent.attempts === 1 ? '' : 's'} in ${Math.round(spent.ms)} ms (retry_on_failure.max_elapsed_time); last error: ${last.message}`,
    {
      code: 'RETRIES_EXHAUSTED',
      retryable: true,
      cause: last,
      ...(last.retryAfterMs === undefined ? {} : { retryAfterMs: last.retryAfterMs }),
      ...(last.failedItems === undefined ? {} : { failedItems: last.failedItems }),
    },
  );
}

/** The sender was held back while another request found out whether the destination is back. */
export function circuitOpen(id: string): DeliveryError {
  return new DeliveryError(`${id}: the destination is away (circuit open); send again later`, {
    code: 'CIRCUIT_OPEN',
    retryable: true,
  });
}

export function notStored(id: string, cause: unknown): DeliveryError {
  if (cause instanceof DeliveryError) return cause;
  return new DeliveryError(`${id}: the sending queue could not be written: ${messageOf(cause)}`, {
    code: 'STORE_FAILED',
    retryable: true,
    cause,
  });
}

/** What was thrown, as the data path's error type; anything unexpected is permanent for the data it was about. */
export function asDeliveryError(id: string, error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  return new DeliveryError(`${id}: ${messageOf(error)}`, { code: 'UNEXPECTED', retryable: false, cause: error });
}
