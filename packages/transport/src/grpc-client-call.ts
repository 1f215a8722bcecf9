import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import type { Clock, DeliveryError } from '@millrace/api';
import { decompress } from '@millrace/codec';
import type { CompressionCodec } from '@millrace/codec';
import { MessageReader, messagePrefix } from './grpc-frames.ts';
import { GrpcError, codeName, decodeMessage, deliveryErrorOf } from './grpc-status.ts';
import type { GrpcCodeName } from './grpc-status.ts';
import { TIMER_MS_MAX } from './grpc-timeout.ts';
import { constants } from './node-http2.ts';

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
  readonly session: ClientHttp2Session;
  readonly headers: OutgoingHttpHeaders;
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

class GrpcClientCall {
  readonly #attempt: CallAttempt;
  readonly #settle: (outcome: CallOutcome) => void;
  readonly #reader: MessageReader;
  readonly #chunks: Uint8Array[];
  #stream: ClientHttp2Stream | undefined;
  #headers: IncomingHttpHeaders | undefined;
  #trailers: IncomingHttpHeaders | undefined;
  #messages: number;
  #isReplyCompressed: boolean;
  /** What ended the call on our side. */
  #failure: GrpcError | undefined;
  #streamError: Error | undefined;
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
    this.#streamError = undefined;
    this.#cleanUp = () => undefined;
  }

  run(): void {
    const { session, headers, message, isCompressed } = this.#attempt;
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(headers);
    } catch (error) {
      // The connection has just been closed, or has used up its stream ids.
      this.#settle({ kind: 'unprocessed', error: this.#error('UNAVAILABLE', (error as Error).message) });
      return;
    }
    this.#stream = stream;
    stream.on('response', (got) => (this.#headers = got));
    stream.on('trailers', (got) => (this.#trailers = got));
    stream.on('data', (chunk: Uint8Array) => this.#onData(chunk));
    // An answer before the whole request has left: the rest is not wanted.
    stream.on('end', () => {
      if (!stream.writableFinished) stream.close(constants.NGHTTP2_CANCEL);
    });
    stream.on('error', (error) => (this.#streamError = error));
    stream.on('close', () => this.#onClose(stream));
    this.#limit();
    stream.cork();
    stream.write(messagePrefix(message.length, isCompressed));
    stream.end(message);
    stream.uncork();
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
    this.#chunks.push(chunk);
  }

  #onData(chunk: Uint8Array): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#end(error as GrpcError);
    }
  }

  /** Ends the call from our side. */
  #end(failure: GrpcError): void {
    this.#failure ??= failure;
    this.#stream?.close(constants.NGHTTP2_CANCEL);
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

  #onClose(stream: ClientHttp2Stream): void {
    this.#cleanUp();
    this.#settle(this.#outcome(stream));
  }

  #outcome(stream: ClientHttp2Stream): CallOutcome {
    if (this.#failure !== undefined)
      return { kind: 'error', error: this.#error(this.#failure.code, this.#failure.message) };
    const status = this.#trailers?.['grpc-status'] ?? this.#headers?.['grpc-status'];
    if (typeof status === 'string') return this.#answered(Number(status));
    if (this.#headers !== undefined && Number(this.#headers[':status']) !== 200)
      return this.#refusedByHttp(this.#headers);
    return this.#broken(stream);
  }

  #answered(status: number): CallOutcome {
    const trailers = this.#trailers ?? this.#headers ?? {};
    if (status !== 0) {
      const message = trailers['grpc-message'];
      const details = trailers['grpc-status-details-bin'];
      const text = typeof message === 'string' ? decodeMessage(message) : 'no message';
      const bytes = typeof details === 'string' ? Buffer.from(details, 'base64') : undefined;
      return { kind: 'error', error: this.#error(codeName(status), text, bytes) };
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
    const codec = typeof encoding === 'string' ? CODECS[encoding] : undefined;
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
  #refusedByHttp(headers: IncomingHttpHeaders): CallOutcome {
    const status = Number(headers[':status']);
    return {
      kind: 'error',
      error: this.#error(HTTP_CODES[status] ?? 'UNKNOWN', `HTTP status ${status} instead of a gRPC one`),
    };
  }

  /** The stream ended without a status. */
  #broken(stream: ClientHttp2Stream): CallOutcome {
    const { reason, lastStreamId } = this.#attempt.connectionEnd();
    const isUnprocessed =
      stream.id === undefined || stream.id > lastStreamId || stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
    const why = reason ?? this.#streamError?.message ?? 'the stream ended without a status';
    if (isUnprocessed) return { kind: 'unprocessed', error: this.#error('UNAVAILABLE', why) };
    // Node closes the streams of a broken connection as if they were cancelled.
    const isBroken = reason !== undefined || this.#attempt.session.destroyed;
    const code = !isBroken ? (RESET_CODES[stream.rstCode ?? 0] ?? 'UNAVAILABLE') : 'UNAVAILABLE';
    return { kind: 'error', error: this.#error(code, why) };
  }

  #error(code: GrpcCodeName, text: string, details?: Uint8Array): DeliveryError {
    return deliveryErrorOf(code, `${this.#attempt.target}: ${text}`, details);
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
  [constants.NGHTTP2_PROTOCOL_ERROR]: 'INTERNAL',
  [constants.NGHTTP2_FLOW_CONTROL_ERROR]: 'INTERNAL',
  [constants.NGHTTP2_FRAME_SIZE_ERROR]: 'INTERNAL',
  [constants.NGHTTP2_COMPRESSION_ERROR]: 'INTERNAL',
  [constants.NGHTTP2_CANCEL]: 'CANCELLED',
  [constants.NGHTTP2_INADEQUATE_SECURITY]: 'PERMISSION_DENIED',
};
