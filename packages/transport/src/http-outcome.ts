import type { IncomingHttpHeaders } from 'node:http';
import { DeliveryError, retryable } from '@millrace/api';
import { STATUS_CODES } from './node-http.ts';
import { shownUrl } from './endpoint.ts';
import { retryAfterMs } from './retry-after.ts';
import { decodeRpcStatus } from './rpc-status.ts';

/** What a server answered. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** At most the client's limit; what came after it is lost. */
  readonly body: Uint8Array;
}

/** Statuses after which the same data may be sent again (OTLP specification, "Failures"). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** Characters of an error's body that are shown. */
const TEXT_MAX = 500;

/** The error that a reply other than 2xx is, by the rules of OTLP/HTTP. */
export function replyError(url: string, reply: HttpReply, nowMs: number): DeliveryError {
  const { status, headers } = reply;
  const isRetryable = RETRYABLE.has(status);
  const delayMs = isRetryable ? retryAfterMs(headers['retry-after'], nowMs) : undefined;
  const hint =
    headers.location === undefined
      ? errorText(reply)
      : `it has moved to ${shownUrl(headers.location)}; change the endpoint`;
  const text = `${shownUrl(url)} answered ${status} ${STATUS_CODES[status] ?? ''}`.trim();
  return new DeliveryError(hint === '' ? text : `${text}: ${hint}`, {
    code: `HTTP_${status}`,
    retryable: isRetryable,
    ...(delayMs === undefined ? {} : { retryAfterMs: delayMs }),
  });
}

/** The error that a request without a reply is: nobody knows whether the data arrived, so it is sent again. */
export function connectionError(url: string, cause: unknown): DeliveryError {
  const { code, message } = cause as NodeJS.ErrnoException;
  // A name with several addresses fails with an AggregateError, which has a code but no text.
  return retryable(`cannot send to ${shownUrl(url)}: ${message === '' ? (code ?? 'connection failed') : message}`, {
    code: code ?? 'UNAVAILABLE',
    cause,
  });
}

/** What the body says: google.rpc.Status in protobuf or JSON, or plain text. */
function errorText({ headers, body }: HttpReply): string {
  const type = headers['content-type'] ?? '';
  if (type.startsWith('application/x-protobuf')) return decodeRpcStatus(body)?.message.slice(0, TEXT_MAX) ?? '';
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
  if (type.startsWith('application/json')) return (jsonMessage(text) ?? text).slice(0, TEXT_MAX);
  return type.startsWith('text/plain') ? text.trim().slice(0, TEXT_MAX) : '';
}

function jsonMessage(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== 'object' || value === null || !('message' in value)) return undefined;
    return typeof value.message === 'string' ? value.message : undefined;
  } catch {
    // The text itself is shown then.
    return undefined;
  }
}
