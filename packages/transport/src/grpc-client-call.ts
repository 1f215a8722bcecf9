import type { Clock, DeliveryError } from '@millrace/api';
import { decompress } from '@millrace/codec';
import type { CompressionCodec } from '@millrace/codec';
import { MessageReader, messagePrefix } from './grpc-frames.ts';
import { GrpcError, codeName, decodeMessage, deliveryErrorOf } from './grpc-status.ts';
import type { GrpcCodeName } from './grpc-status.ts';
import { TIMER_MS_MAX } from './grpc-timeout.ts';
import type { ClientConnection, RequestFields } from './http2/client-connection.ts';
import { ErrorCode } from './http2/error-code.ts';
import type { HeaderMap } from './http2/header-rules.ts';
import type { Http2Stream, StreamHandler } from './http2/stream.ts';

/** Response messages that clients take, compressed and not (grpc's default). */
const REPLY_BYTES_MAX = 4 * 1024 * 1024;

/** Encodings of response messages and the codecs for them; gRPC's deflate is zlib's, its snappy the framed format. */
const CODECS: Readonly<Record<string, CompressionCodec>> = {
  gzip: 'gzip',
  deflate: 'zlib',
  zstd: 'zstd',
  snappy: 'x-snappy-framed',
};
export const ACCEPT_ENCODING = ['identity', ...Object.keys(CODECS)].join(',');

/** How one attempt of a call ended. */
export type CallOutcome =
  | { readonly kind: 'reply'; readonly message: Uint8Array }
  | { readonly kind: 'error'; readonly error: DeliveryError }
  /** The server has certainly not begun with it: it may be repeated elsewhere at once (gRFC A6). */
  | { readonly kind: 'unprocessed'; readonly error: DeliveryError };

export interface CallAttempt {
  readonly http2: ClientConnection;
  readonly fields: RequestFields;
  readonly message: Uint8Array;
  readonly isCompressed: boolean;
  /** Milliseconds that are left; undefined: no limit. */
  readonly timeoutMs: number | undefined;
  readonly abort: AbortSignal | undefined;
  readonly clock: Clock;
  /** Where the call goes, for messages. */
  readonly target: string;
  /** Why the connection ended, and the last stream the server says it has begun with, once it has said so. */
  connectionEnd(): { readonly reason: string | undefined; readonly lastStreamId: number };
}

/** One attempt of a unary call. `message` is not read any more once the promise has settled. */
export function attemptCall(attempt: CallAttempt): Promise<CallOutcome> {
  return new Promise((resolve) => new GrpcClientCall(attempt, resolve).run());
}

class GrpcClientCall implements StreamHandler {
  readonly #attempt: CallAttempt;
  readonly #settle: (outcome: CallOutcome) => void;
  readonly #reader: MessageReader;
  readonly #chunks: Uint8Array[];
  #stream: Http2Stream | undefined;
  #headers: HeaderMap | undefined;
  #trailers: HeaderMap | undefined;
  #messages: number;
  #isReplyCompressed: boolean;
  /** What ended the call on our side. */
  #failure: GrpcError | undefined;
  #cleanUp: () => void;

  constructor(attempt: CallAttempt, settle: (outcome: CallOutcome) => void) {
    this.#attempt = attempt;
    this.#settle = settle;
    this.#reader = new MessageReader(this);
    this.#chunks = [];
    this.#stream = undefined;
    this.#headers = undefined;
    this.#trailers = undefined;
    this.#messages = 0;
    this.#isReplyCompressed = false;
    this.#failure = undefined;
    this.#cleanUp = () => undefined;
  }

  run(): void {
    const { http2, fields, message, isCompressed } = this.#attempt;
    const stream = http2.request(fields, [messagePrefix(message.length, isCompressed), message], this);
    if (stream === undefined) {
      // The connection has just been closed, or has used up its stream ids.
      this.#settle({ kind: 'unprocessed', error: this.#error('UNAVAILABLE', 'the connection takes no more calls') });
      return;
    }
    this.#stream = stream;
    this.#limit();
  }

  onHeaders(headers: HeaderMap): void {
    this.#headers = headers;
  }

  onData(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#end(error as GrpcError);
    }
  }

  onEnd(trailers: HeaderMap | undefined): void {
    this.#trailers = trailers;
    const stream = this.#stream as Http2Stream;
    // An answer before the whole request has left: the rest is not wanted.
    if (!stream.isLocalClosed) stream.reset(ErrorCode.CANCEL);
  }

  onClose(code: number): void {
    const stream = this.#stream as Http2Stream;
    this.#cleanUp();
    const outcome = this.#outcome(stream, code);
    // A server that has answered all of it has also read all of it.
    if (outcome.kind === 'reply' && stream.isLocalClosed) this.#settle(outcome);
    else this.#attempt.http2.releaseBody(stream, () => this.#settle(outcome));
  }

  /** The reply begins; called by the reader. */
  begin(lengthBytes: number, flags: number): void {
    this.#messages += 1;
    this.#isReplyCompressed = flags === 1;
    if (this.#messages > 1) throw new GrpcError('INTERNAL', 'the reply has more than one message');
    if (lengthBytes > REPLY_BYTES_MAX) {
      throw new GrpcError('RESOURCE_EXHAUSTED', `the reply of ${lengthBytes} bytes is larger than ${REPLY_BYTES_MAX}`);
    }
  }

  /** A part of the reply; called by the reader. */
  append(chunk: Uint8Array): void {
    this.#chunks.push(Buffer.from(chunk));
  }

  /** Ends the call from our side. */
  #end(failure: GrpcError): void {
    this.#failure ??= failure;
    this.#stream?.reset(ErrorCode.CANCEL);
  }

  #limit(): void {
    const { clock, timeoutMs, abort } = this.#attempt;
    const onTimeout = (): void => this.#end(new GrpcError('DEADLINE_EXCEEDED', `no reply within ${timeoutMs} ms`));
    const onAbort = (): void => this.#end(new GrpcError('CANCELLED', 'the call was ended'));
    const isTimed = timeoutMs !== undefined && timeoutMs <= TIMER_MS_MAX;
    const cancel = isTimed ? clock.after(timeoutMs, onTimeout) : undefined;
    if (abort?.aborted === true) onAbort();
    abort?.addEventListener('abort', onAbort);
    this.#cleanUp = () => {
      cancel?.();
      abort?.removeEventListener('abort', onAbort);
    };
  }

  #outcome(stream: Http2Stream, code: number): CallOutcome {
    if (this.#failure !== undefined)
      return { kind: 'error', error: this.#error(this.#failure.code, this.#failure.message) };
    const status = this.#trailers?.['grpc-status'] ?? this.#headers?.['grpc-status'];
    if (status !== undefined) return this.#answered(Number(status));
    if (this.#headers !== undefined && Number(this.#headers[':status']) !== 200)
      return this.#refusedByHttp(this.#headers);
    return this.#broken(stream, code);
  }

  #answered(status: number): CallOutcome {
    const trailers = this.#trailers ?? this.#headers ?? {};
    if (status !== 0) {
      const message = trailers['grpc-message'];
      const details = trailers['grpc-status-details-bin'];
      const text = message === undefined ? 'no message' : decodeMessage(message);
      const bytes = details === undefined ? undefined : Buffer.from(details, 'base64');
      return { kind: 'error', error: this.#answer(codeName(status), text, bytes) };
    }
    if (this.#messages !== 1 || this.#reader.isInside) {
      return { kind: 'error', error: this.#error('INTERNAL', 'the reply has no whole message') };
    }
    return this.#unpacked();
  }

  #unpacked(): CallOutcome {
    const message = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    if (!this.#isReplyCompressed) return { kind: 'reply', message };
    const encoding = this.#headers?.['grpc-encoding'];
    const codec = encoding === undefined ? undefined : CODECS[encoding];
    if (codec === undefined) {
      return {
        kind: 'error',
        error: this.#error('INTERNAL', `the reply has an unknown encoding "${String(encoding)}"`),
      };
    }
    try {
      return { kind: 'reply', message: decompress(message, { codec, maxBytes: REPLY_BYTES_MAX }) };
    } catch (error) {
      return {
        kind: 'error',
        error: this.#error('INTERNAL', `cannot decompress the reply: ${(error as Error).message}`),
      };
    }
  }

  /** A proxy or another kind of server answered (grpc/doc/http-grpc-status-mapping.md). */
  #refusedByHttp(headers: HeaderMap): CallOutcome {
    const status = Number(headers[':status']);
    return {
      kind: 'error',
      error: this.#answer(HTTP_CODES[status] ?? 'UNKNOWN', `HTTP status ${status} instead of a gRPC one`),
    };
  }

  /** The stream ended without a status. */
  #broken(stream: Http2Stream, resetCode: number): CallOutcome {
    const { reason, lastStreamId } = this.#attempt.connectionEnd();
    const isUnprocessed = stream.id === 0 || stream.id > lastStreamId || resetCode === ErrorCode.REFUSED_STREAM;
    const why =
      reason ?? `the stream ended without a status${resetCode === 0 ? '' : ` (reset with code ${resetCode})`}`;
    if (isUnprocessed) return { kind: 'unprocessed', error: this.#error('UNAVAILABLE', why) };
    // The calls of a broken connection end as if they were cancelled.
    const isBroken = reason !== undefined || this.#attempt.http2.isDestroyed;
    const code = !isBroken ? (RESET_CODES[resetCode] ?? 'UNAVAILABLE') : 'UNAVAILABLE';
    return { kind: 'error', error: this.#error(code, why) };
  }

  /** What the server itself says, which its cause tells from what is found out here. */
  #answer(code: GrpcCodeName, text: string, details?: Uint8Array): DeliveryError {
    return deliveryErrorOf(code, `${this.#attempt.target}: ${text}`, { details, cause: new GrpcError(code, text) });
  }

  #error(code: GrpcCodeName, text: string): DeliveryError {
    return deliveryErrorOf(code, `${this.#attempt.target}: ${text}`);
  }
}

const HTTP_CODES: Readonly<Record<number, GrpcCodeName>> = {
  400: 'INTERNAL',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'UNIMPLEMENTED',
  429: 'UNAVAILABLE',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};

/**
 * What a reset by the server means (gRPC over HTTP/2, "Errors"). ENHANCE_YOUR_CALM, which is RESOURCE_EXHAUSTED there,
 * is a request to slow down, which OTLP knows as UNAVAILABLE.
 */
const RESET_CODES: Readonly<Record<number, GrpcCodeName>> = {
  [ErrorCode.PROTOCOL_ERROR]: 'INTERNAL',
  [ErrorCode.FLOW_CONTROL_ERROR]: 'INTERNAL',
  [ErrorCode.FRAME_SIZE_ERROR]: 'INTERNAL',
  [ErrorCode.COMPRESSION_ERROR]: 'INTERNAL',
  [ErrorCode.CANCEL]: 'CANCELLED',
  [ErrorCode.INADEQUATE_SECURITY]: 'PERMISSION_DENIED',
};
