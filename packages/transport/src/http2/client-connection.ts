import { Http2Connection } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { ConnectionError, ErrorCode } from './error-code.ts';
import { PREFACE } from './frame.ts';
import { readResponse } from './header-rules.ts';
import type { HeaderList } from './hpack-decoder.ts';
import { HpackEncoder } from './hpack-encoder.ts';
import type { HeaderField } from './hpack-table.ts';
import { Http2Stream } from './stream.ts';
import type { StreamHandler } from './stream.ts';

/** After these the connection has no more stream numbers (RFC 9113, section 5.1.1). */
const STREAM_ID_MAX = 2 ** 31 - 1;

type Pair = readonly [name: string, value: string];

/** Fields of a request, in the order of their sending. */
export interface RequestFields {
  /** Sent again and again: the same objects each time. */
  readonly repeated: readonly HeaderField[];
  readonly single: readonly Pair[];
  /** Not to be kept in tables on the way. */
  readonly secret: readonly Pair[];
}

interface Request {
  readonly stream: Http2Stream;
  readonly fields: RequestFields;
  readonly body: readonly Uint8Array[];
}

/** The client's side of a connection. Requests above the server's limit of streams wait for their turn. */
export class ClientConnection extends Http2Connection {
  readonly #encoder: HpackEncoder;
  readonly #queue: Request[];
  #lastId: number;

  constructor(options: ConnectionOptions) {
    super(options);
    this.#encoder = new HpackEncoder();
    this.#queue = [];
    this.#lastId = -1;
  }

  override start(): void {
    this.writeRaw(PREFACE);
    super.start();
  }

  /** Sends a request; undefined when the connection takes no more. The chunks are read until `onClose`. */
  request(fields: RequestFields, body: readonly Uint8Array[], handler: StreamHandler): Http2Stream | undefined {
    if (this.isClosing || this.isDestroyed || this.#lastId >= STREAM_ID_MAX - 2) return undefined;
    const windows = { sendBytes: this.remote.windowBytes, receiveBytes: this.settings.windowBytes };
    const stream = new Http2Stream(this, windows);
    stream.handler = handler;
    const request = { stream, fields, body };
    if (this.streams.size < this.remote.streamsMax && this.#queue.length === 0) this.#begin(request);
    else this.#queue.push(request);
    return stream;
  }

  override onSettings(bytes: Buffer, start: number, end: number): void {
    super.onSettings(bytes, start, end);
    this.#encoder.limitTable(this.remote.headerTableBytes);
    this.#beginQueued();
  }

  override onGoaway(lastStreamId: number, code: number, data: string): void {
    super.onGoaway(lastStreamId, code, data);
    for (const stream of this.streams.values()) {
      if (stream.id > lastStreamId) this.closeStream(stream, ErrorCode.REFUSED_STREAM);
    }
    this.#refuseQueued();
  }

  override close(): void {
    super.close();
    this.#refuseQueued();
  }

  override onHeaders(streamId: number, list: HeaderList, endsStream: boolean): void {
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      this.checkNotIdle(streamId, 'HEADERS');
      return;
    }
    if (stream.hasHeaders) {
      this.onTrailers(stream, list, endsStream);
      return;
    }
    const headers = readResponse(list.fields);
    if (list.isTooLarge) this.streamError(streamId, ErrorCode.ENHANCE_YOUR_CALM);
    else if (headers === undefined) this.streamError(streamId, ErrorCode.PROTOCOL_ERROR);
    else if (headers[':status'].startsWith('1')) {
      // Section 8.1: the real response is still to come.
      if (endsStream) this.streamError(streamId, ErrorCode.PROTOCOL_ERROR);
    } else {
      stream.hasHeaders = true;
      stream.announce(headers['content-length']);
      stream.handler.onHeaders?.(headers);
      if (endsStream && !stream.isClosed) this.endRemote(stream, undefined);
    }
  }

  protected override checkNotIdle(streamId: number, name: string): void {
    if (streamId % 2 === 1 && streamId <= this.#lastId) return;
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `${name} for a stream that was not opened`);
  }

  /** The server's side has no preface but its settings. */
  protected override readPreface(): number {
    return 0;
  }

  protected override closeStream(stream: Http2Stream, code: number): void {
    super.closeStream(stream, code);
    if (this.#queue.length > 0) this.#beginQueued();
  }

  protected override onBroken(): void {
    this.#refuseQueued();
  }

  #begin({ stream, fields, body }: Request): void {
    this.#lastId += 2;
    this.addStream(stream, this.#lastId);
    const encoder = this.#encoder;
    for (const field of fields.repeated) encoder.add(field);
    for (const [name, value] of fields.single) encoder.addOnce(name, value);
    for (const [name, value] of fields.secret) encoder.addSecret(name, value);
    stream.send(encoder.take(), body, undefined);
  }

  #beginQueued(): void {
    while (
      this.#queue.length > 0 &&
      !this.isClosing &&
      !this.isDestroyed &&
      this.streams.size < this.remote.streamsMax
    ) {
      const request = this.#queue.shift() as Request;
      if (!request.stream.isClosed) this.#begin(request);
    }
  }

  #refuseQueued(): void {
    for (const { stream } of this.#queue.splice(0)) this.closeStream(stream, ErrorCode.REFUSED_STREAM);
  }
}
