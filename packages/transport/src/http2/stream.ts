import { ReceiveWindow, SendWindow } from './flow-control.ts';
import type { HeaderMap } from './header-rules.ts';
import type { Output } from './output.ts';

/** What the user of a stream is told, in this order. */
export interface StreamHandler {
  /** Headers of a response; for clients. */
  onHeaders?(headers: HeaderMap): void;
  /** A part of the body; only valid during the call. */
  onData(chunk: Buffer): void;
  /** The peer has sent everything. */
  onEnd(trailers: HeaderMap | undefined): void;
  /** Comes once, at last, also when the connection broke. `code` is that of a reset by either side, or 0. */
  onClose(code: number): void;
}

/** What a stream asks of its connection. */
export interface StreamOwner {
  /** There is something to send. */
  send(stream: Http2Stream): void;
  /** Ends a stream early, with a RST_STREAM. */
  reset(stream: Http2Stream, code: number): void;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** One request and its response on a connection (RFC 9113, section 5.1). */
export class Http2Stream {
  /** 0 until it is opened. */
  id: number;
  handler: StreamHandler;
  readonly sendWindow: SendWindow;
  readonly receiveWindow: ReceiveWindow;
  /** Header block that has to be sent first. */
  head: Uint8Array | undefined;
  /** Header block that ends what is sent. */
  trailers: Uint8Array | undefined;
  /** Bytes of the body that are still to be sent. */
  bodyBytes: number;
  /** Where in the output what was sent of the body ends. */
  bodyEnd: number;
  /** The peer's headers have come. */
  hasHeaders: boolean;
  /** What is to be sent has been handed over. */
  isAnswered: boolean;
  isLocalClosed: boolean;
  isRemoteClosed: boolean;
  isClosed: boolean;
  /** It is in its connection's line of those that send. */
  isWaiting: boolean;
  readonly #owner: StreamOwner;
  #chunks: readonly Uint8Array[];
  #chunk: number;
  #offset: number;
  /** Length that the headers announce; -1: none. */
  #announcedBytes: number;
  #receivedBytes: number;

  constructor(owner: StreamOwner, windows: { readonly sendBytes: number; readonly receiveBytes: number }) {
    this.id = 0;
    this.handler = NOBODY;
    this.sendWindow = new SendWindow(windows.sendBytes);
    this.receiveWindow = new ReceiveWindow(windows.receiveBytes);
    this.head = undefined;
    this.trailers = undefined;
    this.bodyBytes = 0;
    this.bodyEnd = 0;
    this.hasHeaders = false;
    this.isAnswered = false;
    this.isLocalClosed = false;
    this.isRemoteClosed = false;
    this.isClosed = false;
    this.isWaiting = false;
    this.#owner = owner;
    this.#chunks = NOTHING;
    this.#chunk = 0;
    this.#offset = 0;
    this.#announcedBytes = -1;
    this.#receivedBytes = 0;
  }

  /** The other end of the connection. */
  get remote(): { readonly remoteAddress?: string | undefined } {
    return this.#owner.socket;
  }

  /** Sends headers, a body and trailers, all of them encoded; the chunks are read until the stream is closed. */
  send(head: Uint8Array, body: readonly Uint8Array[], trailers: Uint8Array | undefined): void {
    this.isAnswered = true;
    this.head = head;
    this.trailers = trailers;
    this.#chunks = body;
    for (const { length } of body) this.bodyBytes += length;
    this.#owner.send(this);
  }

  reset(code: number): void {
    if (!this.isClosed) this.#owner.reset(this, code);
  }

  /** Moves the next `length` bytes of the body to the output. */
  moveBody(length: number, output: Output): void {
    this.bodyBytes -= length;
    for (let left = length; left > 0;) {
      const chunk = this.#chunks[this.#chunk];
      const take = Math.min(left, chunk.length - this.#offset);
      output.append(chunk, this.#offset, this.#offset + take);
      left -= take;
      this.#offset += take;
      if (this.#offset < chunk.length) continue;
      this.#chunk += 1;
      this.#offset = 0;
    }
  }

  /** The peer's headers say how long its body will be. */
  announce(contentLength: string | undefined): void {
    if (contentLength !== undefined) this.#announcedBytes = Number(contentLength);
  }

  /** Counts what has come; false when it is more than was announced. */
  count(bytes: number): boolean {
    this.#receivedBytes += bytes;
    return this.#announcedBytes < 0 || this.#receivedBytes <= this.#announcedBytes;
  }

  /** Whether as much came as was announced. */
  get isWhole(): boolean {
    return this.#announcedBytes < 0 || this.#receivedBytes === this.#announcedBytes;
  }

  /** Lets go of what was not sent. */
  close(): void {
    this.isClosed = true;
    this.bodyBytes = 0;
    this.#chunks = NOTHING;
    this.trailers = undefined;
  }
}

const NOTHING: readonly Uint8Array[] = [];
const NOBODY: StreamHandler = { onData: () => undefined, onEnd: () => undefined, onClose: () => undefined };
