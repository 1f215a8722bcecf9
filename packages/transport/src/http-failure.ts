import { DeliveryError } from '@millrace/api';
import type { HttpFailure, HttpResponse } from './http-message.ts';

/** The code of a retryable error that means "too much" rather than "not now". */
export const RESOURCE_EXHAUSTED = 'RESOURCE_EXHAUSTED';

/** The code of a permanent error that smaller requests do not have. */
const TOO_LARGE = 'TOO_LARGE';

/**
 * The Collector's status for an error of the data path: 429 or 503 where the sender shall try again, 413 or 400 for data
 * that can never be taken. Anything that is no DeliveryError is a fault of ours: 500, without its text.
 */
export function failureOf(error: unknown): HttpFailure {
  if (!(error instanceof DeliveryError)) return { status: 500, message: 'internal error' };
  const { message, retryAfterMs } = error;
  if (!error.retryable) return { status: error.code === TOO_LARGE ? 413 : 400, message };
  const status = error.code === RESOURCE_EXHAUSTED ? 429 : 503;
  return retryAfterMs === undefined ? { status, message } : { status, message, retryAfterMs };
}

/** Value of `Retry-After`: whole seconds, at least one. */
export function retryAfterSeconds(delayMs: number): string {
  return String(Math.max(1, Math.ceil(delayMs / 1000)));
}

/** A failure as plain text. */
export function plainFailure(failure: HttpFailure): HttpResponse {
  return {
    status: failure.status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `${failure.status} ${failure.message}\n`,
  };
}
