import type { Body, Clock } from '@millrace/api';
import { MessageReader, messagePrefix } from './grpc-frames.ts';
import { GRPC_ENCODINGS, GrpcCallHead } from './grpc-method.ts';
import type { GrpcMethod } from './grpc-method.ts';
import { GrpcCode, GrpcError, encodeMessage } from './grpc-status.ts';
import { TIMER_MS_MAX, parseTimeout } from './grpc-timeout.ts';
import { ErrorCode } from './http2/error-code.ts';
import type { HeaderMap } from './http2/header-rules.ts';
import { encodeStateless } from './http2/hpack-encoder.ts';
import type { Http2Stream, StreamHandler } from './http2/stream.ts';

/** What the calls of one server share. */
export interface CallSettings {
  readonly clock: Clock;
  readonly messageBytesMax: number;
  readonly includeMetadata: boolean;
  /** Turns an error of a method into a status, and logs what is a fault of ours. */
  explain(error: unknown): GrpcError;
}

const RESPONSE_HEADERS = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
] as const;
const ACCEPT_ENCODING = GRPC_ENCODINGS.join(',');
/** Header blocks that are the same for each call, made once. */
const RESPONSE_HEAD = encodeStateless(RESPONSE_HEADERS);
const OK_TRAILERS = encodeStateless([['grpc-status', '0']]);

/**
 * One unary call: reads its message into the method's {@link Body}, hands it over, and writes the answer. Until it is
 * handed over the body is released whenever the call ends early.
 * Hot: measured in benchmarks/micro/transport.
 */
export class GrpcServerCall implements StreamHandler {
  readonly #settings: CallSettings;
  readonly #stream: Http2Stream;
  readonly #headers: HeaderMap;
  readonly #method: GrpcMethod;
  readonly #reader: MessageReader;
  #head: GrpcCallHead | undefined;
  #body: Body | undefined;
  #isReading: boolean;
  #cancelDeadline: (() => void) | undefined;

  constructor(settings: CallSettings, stream: Http2Stream, headers: HeaderMap, method: GrpcMethod) {
    this.#settings = settings;
    this.#stream = stream;
    this.#headers = headers;
    this.#method = method;
    this.#reader = new MessageReader(this);
    this.#head = undefined;
    this.#body = undefined;
    this.#isReading = true;
    this.#cancelDeadline = undefined;
  }

  /** Looks at the headers; what comes after them is ignored where they end the call. */
  run(): void {
    try {
      this.#head = this.#readHead();
    } catch (error) {
      this.#fail(error);
    }
  }

  onData(chunk: Buffer): void {
    if (!this.#isReading) return;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  onEnd(): void {
    if (!this.#isReading) return;
    const body = this.#body;
    if (body === undefined || this.#reader.isInside) {
      const what = body === undefined && !this.#reader.isInside ? 'no message' : 'an incomplete message';
      this.#fail(new GrpcError('INTERNAL', `a unary call has exactly one message, this one has ${what}`));
      return;
    }
    this.#isReading = false;
    this.#body = undefined;
    let answer: Uint8Array | Promise<Uint8Array>;
    try {
      answer = this.#method.handle(this.#head as GrpcCallHead, body);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (answer instanceof Promise) {
      answer.then(
        (settled) => this.#succeed(settled),
        (error: unknown) => this.#fail(error),
      );
    } else {
      this.#succeed(answer);
    }
  }

  onClose(): void {
    this.#forget();
  }

  /** A message begins; called by the reader. */
  begin(lengthBytes: number, flags: number): void {
    const head = this.#head as GrpcCallHead;
    if (this.#body !== undefined) throw new GrpcError('INTERNAL', 'a unary call has exactly one message');
    if (flags > 1) throw new GrpcError('INTERNAL', `invalid message flags ${flags}`);
    if (flags === 1) {
      head.encoding = encodingOf(this.#headers);
      if (head.encoding === '')
        throw new GrpcError('INTERNAL', 'the message is compressed, but grpc-encoding is missing');
    }
    const { messageBytesMax } = this.#settings;
    if (lengthBytes > messageBytesMax) {
      const text = `message of ${lengthBytes} bytes is larger than ${messageBytesMax} bytes (max_recv_msg_size_mib)`;
      throw new GrpcError('RESOURCE_EXHAUSTED', text);
    }
    this.#body = this.#method.admit(head, lengthBytes);
  }

  /** A part of the message; called by the reader. */
  append(chunk: Uint8Array): void {
    (this.#body as Body).append(chunk);
  }

  #readHead(): GrpcCallHead {
    const headers = this.#headers;
    const encoding = encodingOf(headers);
    if (encoding !== '' && !GRPC_ENCODINGS.includes(encoding)) {
      throw new GrpcError('UNIMPLEMENTED', `unknown grpc-encoding "${encoding}", known: ${ACCEPT_ENCODING}`);
    }
    return new GrpcCallHead({
      path: headers[':path'],
      headers,
      remote: this.#stream.remote,
      deadlineMs: this.#startDeadline(),
      includeMetadata: this.#settings.includeMetadata,
    });
  }

  #startDeadline(): number | undefined {
    const text = this.#headers['grpc-timeout'];
    if (text === undefined) return undefined;
    const timeoutMs = parseTimeout(text);
    if (timeoutMs === undefined) throw new GrpcError('INTERNAL', `malformed grpc-timeout "${text}"`);
    if (timeoutMs === 0) throw new GrpcError('DEADLINE_EXCEEDED', 'the deadline of the call has passed');
    const { clock } = this.#settings;
    if (timeoutMs <= TIMER_MS_MAX) this.#cancelDeadline = clock.after(timeoutMs, () => this.#onDeadline());
    return clock.monotonic() + timeoutMs;
  }

  #onDeadline(): void {
    this.#fail(new GrpcError('DEADLINE_EXCEEDED', 'the deadline of the call has passed'));
  }

  #succeed(message: Uint8Array): void {
    this.#forget();
    const stream = this.#stream;
    if (stream.isClosed || stream.isAnswered) return;
    stream.send(RESPONSE_HEAD, [messagePrefix(message.length, false), message], OK_TRAILERS);
  }

  #fail(error: unknown): void {
    this.#forget();
    // Also turns the fault of a method that nobody waits for any more into a line of the log.
    const status = this.#settings.explain(error);
    const stream = this.#stream;
    if (!stream.isClosed && !stream.isAnswered) answerStatus(stream, status);
  }

  /** Ends reading and the deadline, and gives the body back where it was not handed over. */
  #forget(): void {
    this.#isReading = false;
    this.#cancelDeadline?.();
    this.#cancelDeadline = undefined;
    this.#body?.release();
    this.#body = undefined;
  }
}

/** Answers with a status alone (gRPC over HTTP/2, "Trailers-Only"). */
export function answerStatus(stream: Http2Stream, error: GrpcError): void {
  const fields: (readonly [string, string])[] = [...RESPONSE_HEADERS];
  if (error.code === 'UNIMPLEMENTED') fields.push(['grpc-accept-encoding', ACCEPT_ENCODING]);
  fields.push(['grpc-status', String(GrpcCode[error.code])], ['grpc-message', encodeMessage(error.message)]);
  if (error.details !== undefined) fields.push(['grpc-status-details-bin', unpaddedBase64(error.details)]);
  answerHead(stream, fields);
}

/** Answers with headers alone. */
export function answerHead(stream: Http2Stream, fields: readonly (readonly [string, string])[]): void {
  stream.send(encodeStateless(fields), [], undefined);
  // The caller need not send the rest (RFC 9113, section 8.1).
  stream.reset(ErrorCode.NO_ERROR);
}

function unpaddedBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}

function encodingOf(headers: HeaderMap): string {
  const value = headers['grpc-encoding'];
  return value === undefined || value === 'identity' ? '' : value;
}
