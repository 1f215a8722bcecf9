import type { Clock } from '@millrace/api';
import { Http2Connection } from './connection.ts';
import type { ConnectionHandler, ConnectionOptions } from './connection-options.ts';
import { ConnectionError, ErrorCode } from './error-code.ts';
import { FrameBudget } from './frame-budget.ts';
import { PREFACE } from './frame.ts';
import { readRequest } from './header-rules.ts';
import type { HeaderMap } from './header-rules.ts';
import type { HeaderList } from './hpack-decoder.ts';
import { TABLE_BYTES_DEFAULT } from './hpack-table.ts';
import { Http2Stream } from './stream.ts';
import type { StreamHandler } from './stream.ts';

/** Cancelled streams a client may have at once and per second before it is disconnected (CVE-2023-44487). */
const RESET_LIMITS = { burst: 1000, perSecond: 100 };
/** "The dynamic table is empty from now on" (RFC 7541, section 6.3). */
const NO_TABLE = Uint8Array.of(0x20);

export interface ServerConnectionHandler extends ConnectionHandler {
  /** A request begins; the result is told the rest of it. */
  onRequest(stream: Http2Stream, headers: HeaderMap): StreamHandler;
}

export interface ServerConnectionOptions extends ConnectionOptions {
  readonly handler: ServerConnectionHandler;
}

/** The server's side of a connection. Its header blocks use no dynamic table, so that they can be made beforehand. */
export class ServerConnection extends Http2Connection {
  readonly #handler: ServerConnectionHandler;
  readonly #resets: FrameBudget;
  #prefaceBytes: number;
  /** The client has reduced the table, which the next block has to acknowledge (RFC 7541, section 4.2). */
  #mustEndTable: boolean;
  #hasEndedTable: boolean;

  constructor(options: ServerConnectionOptions) {
    super(options);
    this.#handler = options.handler;
    this.#resets = resetBudget(options.clock);
    this.#prefaceBytes = 0;
    this.#mustEndTable = false;
    this.#hasEndedTable = false;
  }

  override send(stream: Http2Stream): void {
    if (this.#mustEndTable && stream.head !== undefined) {
      stream.head = Buffer.concat([NO_TABLE, stream.head]);
      this.#mustEndTable = false;
      this.#hasEndedTable = true;
    }
    super.send(stream);
  }

  override onSettings(bytes: Buffer, start: number, end: number): void {
    super.onSettings(bytes, start, end);
    if (this.remote.headerTableBytes < TABLE_BYTES_DEFAULT && !this.#hasEndedTable) this.#mustEndTable = true;
  }

  override onReset(streamId: number, code: number): void {
    this.#countReset();
    super.onReset(streamId, code);
  }

  override onHeaders(streamId: number, list: HeaderList, endsStream: boolean): void {
    const stream = this.streams.get(streamId);
    if (stream !== undefined) {
      this.onTrailers(stream, list, endsStream);
      return;
    }
    if (streamId % 2 === 0) throw protocolError(`a stream with the even number ${streamId}`);
    if (streamId <= this.lastPeerId) {
      this.#onLateHeaders(streamId);
      return;
    }
    this.lastPeerId = streamId;
    if (this.isClosing) this.closedStreams.addReset(streamId);
    else this.#open(streamId, list, endsStream);
  }

  protected override checkNotIdle(streamId: number, name: string): void {
    if (streamId % 2 === 0 || streamId > this.lastPeerId)
      throw protocolError(`${name} for a stream that was not opened`);
  }

  protected override streamError(streamId: number, code: number): void {
    // A client may also provoke resets (CVE-2025-8671).
    this.#countReset();
    super.streamError(streamId, code);
  }

  protected override readPreface(chunk: Buffer): number {
    if (this.#prefaceBytes === PREFACE.length) return 0;
    const take = Math.min(PREFACE.length - this.#prefaceBytes, chunk.length);
    if (PREFACE.compare(chunk, 0, take, this.#prefaceBytes, this.#prefaceBytes + take) !== 0) {
      throw protocolError('this is no HTTP/2');
    }
    this.#prefaceBytes += take;
    return take;
  }

  #open(streamId: number, list: HeaderList, endsStream: boolean): void {
    if (this.streams.size >= (this.settings.streamsMax ?? Number.POSITIVE_INFINITY)) {
      this.streamError(streamId, ErrorCode.REFUSED_STREAM);
      return;
    }
    const headers = list.isTooLarge ? undefined : readRequest(list.fields);
    if (headers === undefined) {
      this.streamError(streamId, list.isTooLarge ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.PROTOCOL_ERROR);
      return;
    }
    const windows = { sendBytes: this.remote.windowBytes, receiveBytes: this.settings.windowBytes };
    const stream = new Http2Stream(this, windows);
    stream.hasHeaders = true;
    stream.announce(headers['content-length']);
    this.addStream(stream, streamId);
    // Set before the handler may answer: an answer to a whole request closes the stream.
    stream.isRemoteClosed = endsStream && stream.isWhole;
    stream.handler = this.#handler.onRequest(stream, headers);
    if (endsStream && !stream.isClosed) this.endRemote(stream, undefined);
  }

  /** Section 5.1: a stream that was skipped is closed as well, but its number may not come any more (section 5.1.1). */
  #onLateHeaders(streamId: number): void {
    if (this.closedStreams.wasReset(streamId)) return;
    if (!this.closedStreams.hasEnded(streamId)) throw protocolError(`stream ${streamId} comes too late`);
    throw new ConnectionError(ErrorCode.STREAM_CLOSED, `HEADERS for the closed stream ${streamId}`);
  }

  #countReset(): void {
    if (!this.#resets.spend()) throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too many streams are reset');
  }
}

function resetBudget(clock: Clock): FrameBudget {
  return new FrameBudget(clock, RESET_LIMITS);
}

function protocolError(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, message);
}
