import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Body, Clock } from '@millrace/api';
import { discardChunk } from './discard-chunk.ts';
import { RequestHead } from './http-message.ts';
import type { HttpFailure, HttpResponse, HttpRoute } from './http-message.ts';
import { retryAfterSeconds } from './http-failure.ts';
import { constants } from './node-http2.ts';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

/** How long the rest of a refused body is read, so that its sender sees the answer instead of a broken connection. */
const DRAIN_TIME_MAX_MS = 10_000;
/** At least so much of it. */
const DRAIN_BYTES_MIN = 1024 * 1024;

/** What the exchanges of one server share. */
export interface ExchangeSettings {
  readonly clock: Clock;
  readonly bodyBytesMax: number;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly includeMetadata: boolean;
  /** Flat list of names and values that every response carries. */
  readonly responseHeaders: readonly string[];
  /** Turns an error of a route into a failure, and logs what is a fault of ours. */
  explain(error: unknown): HttpFailure;
  render(head: RequestHead, failure: HttpFailure): HttpResponse;
  /** The server is shutting down: connections end with their response. */
  isClosing(): boolean;
}

/**
 * One request and its response. Reads the body into the route's {@link Body}, hands it over, and writes the answer.
 * Until it is handed over the body is released whenever the request ends early.
 * Hot: a class with few closures, measured in benchmarks/micro/transport.
 */
export class HttpExchange {
  readonly head: RequestHead;
  /** Headers that depend on the request (CORS). */
  extraHeaders: Readonly<Record<string, string>> | undefined;
  readonly #settings: ExchangeSettings;
  readonly #request: Request;
  readonly #response: Response;
  readonly #expectsContinue: boolean;
  #route: HttpRoute | undefined;
  #body: Body | undefined;
  #received: number;
  #isReading: boolean;
  #cancelTimer: (() => void) | undefined;

  constructor(settings: ExchangeSettings, request: Request, response: Response, expectsContinue: boolean) {
    this.head = new RequestHead(request, settings.includeMetadata);
    this.extraHeaders = undefined;
    this.#settings = settings;
    this.#request = request;
    this.#response = response;
    this.#expectsContinue = expectsContinue;
    this.#route = undefined;
    this.#body = undefined;
    this.#received = 0;
    this.#isReading = false;
    this.#cancelTimer = undefined;
    // A vanished client also errors; "close" does the work.
    request.on('error', ignore);
    response.on('error', ignore);
  }

  /** Reads the body and has `route` answer. */
  run(route: HttpRoute): void {
    const expected = contentLength(this.head);
    if (expected !== undefined && expected > this.#settings.bodyBytesMax) {
      this.fail(tooLarge(this.#settings.bodyBytesMax));
      return;
    }
    try {
      this.#body = route.admit?.(this.head, expected);
    } catch (error) {
      this.fail(this.#settings.explain(error));
      return;
    }
    this.#route = route;
    this.#isReading = true;
    if (this.#expectsContinue) this.#response.writeContinue();
    const request = this.#request;
    request.on('data', (chunk: Uint8Array) => this.#onData(chunk));
    request.on('end', () => this.#onEnd());
    request.on('close', () => this.#onClose());
    // HTTP/1 servers have this limit built in (`requestTimeout`), HTTP/2 streams have not.
    if (this.#settings.readTimeoutMs > 0 && 'stream' in request) {
      this.#cancelTimer = this.#settings.clock.after(this.#settings.readTimeoutMs, () => this.#onSlow());
    }
  }

  /** Answers with an error; what has been read is given back. */
  fail(failure: HttpFailure): void {
    this.#forget();
    const rendered = this.#settings.render(this.head, failure);
    const { retryAfterMs } = failure;
    this.send({
      ...rendered,
      headers: {
        ...rendered.headers,
        ...failure.headers,
        ...(retryAfterMs === undefined ? {} : { 'retry-after': retryAfterSeconds(retryAfterMs) }),
      },
    });
  }

  send(answer: HttpResponse): void {
    const response = this.#response;
    if (response.destroyed || response.headersSent) return;
    const { body } = answer;
    const headers = [...this.#settings.responseHeaders];
    if (answer.headers !== undefined) pushHeaders(headers, answer.headers);
    if (this.extraHeaders !== undefined) pushHeaders(headers, this.extraHeaders);
    if (answer.status !== 204) headers.push('content-length', String(body === undefined ? 0 : Buffer.byteLength(body)));
    const endsConnection = this.#settings.isClosing() || (this.#expectsContinue && !this.#request.complete);
    if (endsConnection && !('stream' in response)) headers.push('connection', 'close');
    (response as ServerResponse).writeHead(answer.status, headers);
    if (this.#request.complete) response.end(body ?? '');
    else this.#endEarly(body ?? '');
    if (this.#settings.writeTimeoutMs > 0 && response.writableLength > 0) this.#limitWriting();
  }

  #onData(chunk: Uint8Array): void {
    if (!this.#isReading) return;
    this.#received += chunk.length;
    if (this.#received > this.#settings.bodyBytesMax) {
      this.fail(tooLarge(this.#settings.bodyBytesMax));
      return;
    }
    if (this.#body === undefined) return;
    try {
      this.#body.append(chunk);
    } catch (error) {
      this.fail(this.#settings.explain(error));
      return;
    }
    // HTTP/2 cuts its chunks from buffers that it goes on to use.
    if (!('stream' in this.#request)) discardChunk(chunk);
  }

  #onEnd(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    this.#cancelTimer?.();
    const body = this.#body;
    this.#body = undefined;
    let answer: HttpResponse | Promise<HttpResponse>;
    try {
      answer = (this.#route as HttpRoute).handle(this.head, body);
    } catch (error) {
      this.fail(this.#settings.explain(error));
      return;
    }
    if (answer instanceof Promise) {
      answer.then(
        (settled) => this.send(settled),
        (error: unknown) => this.fail(this.#settings.explain(error)),
      );
    } else {
      this.send(answer);
    }
  }

  #onClose(): void {
    this.#forget();
  }

  #onSlow(): void {
    this.fail({ status: 408, message: 'the request was not received in time' });
  }

  /** Gives the body back, where it was not handed over. */
  #forget(): void {
    this.#isReading = false;
    this.#cancelTimer?.();
    this.#body?.release();
    this.#body = undefined;
  }

  /**
   * Answers before the request has come to its end, and reads and forgets what is left of it, within limits. The
   * response ends only then: Node would close a connection that is not kept alive while its sender still writes, and the
   * sender would see a broken connection instead of the answer.
   */
  #endEarly(body: Uint8Array | string): void {
    const request = this.#request;
    const response = this.#response as ServerResponse;
    if ('stream' in request) {
      response.end(body);
      request.stream.close(constants.NGHTTP2_NO_ERROR);
      return;
    }
    if (this.#expectsContinue) {
      response.end(body);
      return;
    }
    if (body.length === 0) response.flushHeaders();
    else response.write(body);
    let left = Math.max(this.#settings.bodyBytesMax, DRAIN_BYTES_MIN);
    const finish = (): void => {
      cancel();
      if (!response.writableEnded) response.end();
    };
    const cutOff = (): void => {
      finish();
      request.socket.destroySoon();
    };
    const cancel = this.#settings.clock.after(DRAIN_TIME_MAX_MS, cutOff);
    request.on('data', (chunk: Uint8Array) => {
      const isOver = left < 0;
      left -= chunk.length;
      if (left < 0 && !isOver) cutOff();
    });
    request.on('end', finish);
    request.on('close', finish);
    request.resume();
  }

  #limitWriting(): void {
    const response = this.#response;
    const cancel = this.#settings.clock.after(this.#settings.writeTimeoutMs, () => response.destroy());
    response.on('finish', cancel);
    response.on('close', cancel);
  }
}

function tooLarge(bytesMax: number): HttpFailure {
  return { status: 413, message: `the request body is larger than ${bytesMax} bytes (max_request_body_size)` };
}

/** Node's parser has checked that the header is a number. */
function contentLength(head: RequestHead): number | undefined {
  const text = head.headers['content-length'];
  return text === undefined ? undefined : Number(text);
}

function pushHeaders(list: string[], headers: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(headers)) list.push(name, headers[name]);
}

function ignore(): void {}
