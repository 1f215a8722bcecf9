import type { Socket } from 'node:net';
import type { Clock } from '@millrace/api';
import { discardChunk } from '../discard-chunk.ts';
import { BodySender, OUTPUT_BYTES_MAX } from './body-sender.ts';
import { ClosedStreams } from './closed-streams.ts';
import type { ConnectionHandler, ConnectionOptions } from './connection-options.ts';
import { ConnectionError, ErrorCode } from './error-code.ts';
import { ReceiveWindow, WINDOW_BYTES_DEFAULT } from './flow-control.ts';
import { FrameBudget } from './frame-budget.ts';
import { FrameFlag, FrameType } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { writeGoaway, writeHeaders, writePing, writeReset, writeWindowUpdate } from './frame-writer.ts';
import type { HeaderMap } from './header-rules.ts';
import { readTrailers } from './header-rules.ts';
import type { HeaderList } from './hpack-decoder.ts';
import { IncomingFrames } from './incoming-frames.ts';
import type { FrameEvents } from './incoming-frames.ts';
import { Output } from './output.ts';
import { RemoteSettings, encodeSettings } from './settings.ts';
import type { LocalSettings } from './settings.ts';
import type { Http2Stream, StreamOwner } from './stream.ts';

/** Nothing more is read from a peer that does not read what its frames have us answer. */
const ANSWER_BYTES_MAX = 2 * OUTPUT_BYTES_MAX;
/** Frames without use that a peer may send at once and per second, and those that its useful ones entitle it to. */
const OVERHEAD_LIMITS = { burst: 10_000, perSecond: 1000 };
const OVERHEAD_PER_STREAM = 8;
const OVERHEAD_PER_DATA = 4;
/** How long a peer that is told to go has to hang up. */
const LINGER_MS = 1000;
/** How long a call that has ended waits for the kernel to take what was on its way. */
const RELEASE_MS = 1000;
/** "No stream is cut off yet" (RFC 9113, section 6.8). */
const LAST_STREAM_ID = 2 ** 31 - 1;

/**
 * One side of an HTTP/2 connection (RFC 9113), as far as gRPC's unary calls need it: what both sides have in common. What is
 * written while one chunk is read, or within one turn of the event loop, leaves in one system call.
 * Hot: measured in benchmarks/micro/transport.
 */
export abstract class Http2Connection implements FrameEvents, StreamOwner {
  readonly socket: Socket;
  readonly remote: RemoteSettings;
  isDestroyed: boolean;
  protected readonly settings: LocalSettings;
  protected readonly streams: Map<number, Http2Stream>;
  protected readonly closedStreams: ClosedStreams;
  /** Highest stream that the peer has opened. */
  protected lastPeerId: number;
  /** No new streams; the connection ends with the last one. */
  protected isClosing: boolean;
  readonly #clock: Clock;
  readonly #handler: ConnectionHandler;
  readonly #output: Output;
  readonly #reader: FrameReader;
  readonly #overhead: FrameBudget;
  readonly #sender: BodySender;
  readonly #receiveWindow: ReceiveWindow;
  readonly #pings: Map<number, () => void>;
  #pingsSent: number;
  /** Stream of the DATA frame that is being read; undefined where it is of no interest. */
  #dataStream: Http2Stream | undefined;
  #dataEndsStream: boolean;
  #hasData: boolean;
  #isReading: boolean;
  #isFlushScheduled: boolean;
  #isPaused: boolean;
  #isEnded: boolean;
  #reason: Error | undefined;
  #cancelLinger: () => void;
  /** Whoever waits for chunks to be taken. */
  readonly #releasing: Set<() => void>;

  constructor({ socket, clock, settings, handler }: ConnectionOptions) {
    this.socket = socket;
    this.remote = new RemoteSettings();
    this.isDestroyed = false;
    this.settings = settings;
    this.streams = new Map();
    this.closedStreams = new ClosedStreams();
    this.lastPeerId = 0;
    this.isClosing = false;
    this.#clock = clock;
    this.#handler = handler;
    this.#output = new Output(socket);
    this.#reader = new FrameReader(new IncomingFrames(this, settings));
    this.#overhead = new FrameBudget(clock, OVERHEAD_LIMITS);
    this.#sender = new BodySender({
      output: this.#output,
      remote: this.remote,
      onUseful: () => this.#overhead.earn(OVERHEAD_PER_DATA),
      onSent: (stream) => this.#finishBody(stream),
    });
    this.#receiveWindow = new ReceiveWindow(settings.connectionWindowBytes);
    this.#pings = new Map();
    this.#pingsSent = 0;
    this.#dataStream = undefined;
    this.#dataEndsStream = false;
    this.#hasData = false;
    this.#isReading = false;
    this.#isFlushScheduled = false;
    this.#isPaused = false;
    this.#isEnded = false;
    this.#reason = undefined;
    this.#cancelLinger = () => undefined;
    this.#releasing = new Set();
  }

  /** Sends the settings, and begins to read. */
  start(): void {
    const { socket } = this;
    this.#output.frame(FrameType.SETTINGS, 0, 0, encodeSettings(this.settings));
    writeWindowUpdate(this.#output, 0, this.settings.connectionWindowBytes - WINDOW_BYTES_DEFAULT);
    this.#output.flush();
    socket.on('data', (chunk: Buffer) => this.#onRead(chunk));
    socket.on('drain', () => this.#onDrain());
    socket.on('error', (error) => (this.#reason ??= error));
    socket.on('end', () => this.destroy());
    socket.on('close', () => this.#onClosed());
  }

  /** Why it broke; undefined while it stands, and after an orderly end. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /**
   * Calls `onReleased` once the chunks of a closed stream are not read any more: when the kernel has taken those that were on their
   * way. Where it does not for long, the connection is cut.
   */
  releaseBody(stream: Http2Stream, onReleased: () => void): void {
    this.#output.flush();
    if (stream.bodyEnd <= this.#output.takenBytes || this.socket.destroyed) {
      onReleased();
      return;
    }
    const release = (): void => {
      cancel();
      if (this.#releasing.delete(release)) onReleased();
    };
    const cancel = this.#clock.after(RELEASE_MS, () => this.#cut(new Error('the peer stopped reading')));
    this.#releasing.add(release);
    // Its callback comes after those of all writes before it.
    if (this.socket.writable) this.socket.write(NO_BYTES, release);
  }

  /** Sends a PING; `onAnswer` comes with its answer, or never. */
  ping(onAnswer: () => void): void {
    if (this.isDestroyed) return;
    this.#pingsSent += 1;
    this.#pings.set(this.#pingsSent, onAnswer);
    writePing(this.#output, this.#pingsSent);
    this.flushSoon();
  }

  /** Tells the peer that streams above `lastStreamId` are not looked at; by default none is cut off yet. */
  goaway(code: number, lastStreamId = LAST_STREAM_ID, text = ''): void {
    if (this.isDestroyed) return;
    writeGoaway(this.#output, lastStreamId, code, text);
    this.flushSoon();
  }

  /** Takes no new streams, lets the present ones end, then hangs up. */
  close(): void {
    if (this.isClosing || this.isDestroyed) return;
    this.isClosing = true;
    this.#handler.onGone?.();
    this.goaway(ErrorCode.NO_ERROR, this.lastPeerId);
    this.#endIfIdle();
  }

  /** Cuts the connection. */
  destroy(reason?: Error): void {
    this.#reason ??= reason;
    this.#breakOff(ErrorCode.CANCEL);
    // What has arrived is read first: a socket that is closed with unread bytes resets the connection.
    setImmediate(() => this.socket.destroy());
  }

  // What streams ask for.

  send(stream: Http2Stream): void {
    this.#startSending(stream);
    this.#sender.run();
    this.flushSoon();
  }

  reset(stream: Http2Stream, code: number): void {
    if (stream.id > 0) {
      this.resetId(stream.id, code);
      this.closedStreams.addReset(stream.id);
    }
    this.closeStream(stream, code);
  }

  // What frames say.

  onSettings(bytes: Buffer, start: number, end: number): void {
    this.onOverhead();
    const { windowBytes } = this.remote;
    this.remote.update(bytes, start, end);
    this.#output.frame(FrameType.SETTINGS, FrameFlag.ACK, 0, NO_BYTES);
    this.#growWindows(this.remote.windowBytes - windowBytes);
    this.#handler.onSettings?.();
  }

  onPing(payload: Buffer, isAck: boolean): void {
    this.onOverhead();
    if (!isAck) {
      this.#output.frame(FrameType.PING, FrameFlag.ACK, 0, payload);
      this.#handler.onPing?.();
      return;
    }
    const number = payload.readUInt32BE(4);
    const onAnswer = this.#pings.get(number);
    this.#pings.delete(number);
    onAnswer?.();
  }

  onGoaway(lastStreamId: number, code: number, data: string): void {
    this.#handler.onGoaway?.(lastStreamId, code, data);
    this.close();
  }

  onWindowUpdate(streamId: number, increment: number): void {
    this.onOverhead();
    if (streamId === 0) {
      if (!this.#sender.grow(increment)) throw tooLargeWindow();
      this.#sender.run();
      return;
    }
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      this.checkNotIdle(streamId, 'WINDOW_UPDATE');
      return;
    }
    if (stream.sendWindow.grow(increment)) this.#sender.add(stream);
    else this.streamError(streamId, ErrorCode.FLOW_CONTROL_ERROR);
    this.#sender.run();
  }

  onReset(streamId: number, code: number): void {
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      this.checkNotIdle(streamId, 'RST_STREAM');
      this.onOverhead();
      return;
    }
    this.closedStreams.addEnded(streamId);
    this.closeStream(stream, code);
  }

  abstract onHeaders(streamId: number, list: HeaderList, endsStream: boolean): void;

  onDataBegin(streamId: number, length: number, endsStream: boolean): void {
    if (!this.#receiveWindow.take(length)) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'more DATA than the connection allows');
    }
    writeWindowUpdate(this.#output, 0, this.#receiveWindow.refill());
    this.#hasData = false;
    this.#dataEndsStream = endsStream;
    this.#dataStream = this.streams.get(streamId);
    const stream = this.#dataStream;
    if (stream === undefined) {
      this.checkNotIdle(streamId, 'DATA');
      if (!this.closedStreams.wasReset(streamId)) this.streamError(streamId, ErrorCode.STREAM_CLOSED);
    } else if (stream.isRemoteClosed) {
      this.streamError(streamId, ErrorCode.STREAM_CLOSED);
    } else if (!stream.hasHeaders) {
      this.streamError(streamId, ErrorCode.PROTOCOL_ERROR);
    } else if (!stream.receiveWindow.take(length)) {
      this.streamError(streamId, ErrorCode.FLOW_CONTROL_ERROR);
    }
  }

  onData(bytes: Buffer, start: number, end: number): void {
    this.#hasData = true;
    const stream = this.#dataStream;
    if (stream === undefined || stream.isClosed) return;
    if (stream.count(end - start)) stream.handler.onData(bytes.subarray(start, end));
    else this.streamError(stream.id, ErrorCode.PROTOCOL_ERROR);
  }

  onDataEnd(): void {
    const stream = this.#dataStream;
    this.#dataStream = undefined;
    if (!this.#hasData && !this.#dataEndsStream) this.onOverhead();
    if (stream === undefined || stream.isClosed) return;
    if (this.#dataEndsStream) this.endRemote(stream, undefined);
    else writeWindowUpdate(this.#output, stream.id, stream.receiveWindow.refill());
  }

  onOverhead(): void {
    if (!this.#overhead.spend()) throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too many frames without use');
  }

  // For the two sides.

  /** A stream that exists now. */
  protected addStream(stream: Http2Stream, id: number): void {
    stream.id = id;
    this.streams.set(id, stream);
    this.#overhead.earn(OVERHEAD_PER_STREAM);
  }

  /** A frame for a stream that nobody has opened is an error of the connection (section 5.1, "idle"). */
  protected abstract checkNotIdle(streamId: number, name: string): void;

  /** The peer has broken a rule on one stream (section 5.4.2). */
  protected streamError(streamId: number, code: number): void {
    const stream = this.streams.get(streamId);
    if (stream !== undefined) this.reset(stream, code);
    else {
      this.resetId(streamId, code);
      this.closedStreams.addReset(streamId);
    }
  }

  protected resetId(streamId: number, code: number): void {
    writeReset(this.#output, streamId, code);
    this.flushSoon();
  }

  protected onTrailers(stream: Http2Stream, list: HeaderList, endsStream: boolean): void {
    const trailers = endsStream ? readTrailers(list.fields) : undefined;
    if (stream.isRemoteClosed) this.streamError(stream.id, ErrorCode.STREAM_CLOSED);
    else if (list.isTooLarge) this.streamError(stream.id, ErrorCode.ENHANCE_YOUR_CALM);
    else if (trailers === undefined) this.streamError(stream.id, ErrorCode.PROTOCOL_ERROR);
    else this.endRemote(stream, trailers);
  }

  /** The peer has sent everything. */
  protected endRemote(stream: Http2Stream, trailers: HeaderMap | undefined): void {
    if (!stream.isWhole) {
      this.streamError(stream.id, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    stream.isRemoteClosed = true;
    stream.handler.onEnd(trailers);
    this.#closeIfDone(stream);
  }

  protected closeStream(stream: Http2Stream, code: number): void {
    if (stream.isClosed) return;
    stream.close();
    this.streams.delete(stream.id);
    stream.handler.onClose(code);
    this.#handler.onStreamClosed?.();
    this.#endIfIdle();
  }

  /** Writes what waits at the end of this turn of the event loop, after whatever else it has to say. */
  protected flushSoon(): void {
    if (this.#isReading || this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    process.nextTick(flushConnection, this);
  }

  /** For `process.nextTick`, which then needs no closure. */
  flushNow(): void {
    this.#isFlushScheduled = false;
    this.#output.flush();
  }

  /** The bytes before the first frame. Returns where the frames begin. */
  protected abstract readPreface(chunk: Buffer): number;

  protected writeRaw(bytes: Uint8Array): void {
    this.#output.append(bytes);
  }

  protected fail(error: unknown): void {
    const code = error instanceof ConnectionError ? error.code : ErrorCode.INTERNAL_ERROR;
    const reason = error instanceof Error ? error : new Error(String(error));
    this.goaway(code, this.lastPeerId, code === ErrorCode.INTERNAL_ERROR ? '' : reason.message);
    this.#reason ??= reason;
    this.#breakOff(code);
    this.#end();
  }

  #onRead(chunk: Buffer): void {
    if (this.isDestroyed || this.#isEnded) return;
    this.#isReading = true;
    try {
      this.#reader.push(chunk, this.readPreface(chunk));
    } catch (error) {
      this.fail(error);
    }
    this.#isReading = false;
    this.#output.flush();
    discardChunk(chunk);
    if (this.#output.pendingBytes <= ANSWER_BYTES_MAX || this.#isPaused) return;
    this.#isPaused = true;
    this.socket.pause();
  }

  #onDrain(): void {
    if (this.#isPaused) {
      this.#isPaused = false;
      this.socket.resume();
    }
    this.#sender.run();
    this.#output.flush();
  }

  #startSending(stream: Http2Stream): void {
    if (stream.isClosed || stream.head === undefined) return;
    const { head } = stream;
    stream.head = undefined;
    const isAll = stream.bodyBytes === 0 && stream.trailers === undefined;
    this.#writeHeaders(stream, head, isAll);
    if (isAll) this.#endLocal(stream);
    else if (stream.bodyBytes === 0) this.#finishBody(stream);
    else this.#sender.add(stream);
  }

  #finishBody(stream: Http2Stream): void {
    const { trailers } = stream;
    if (trailers !== undefined) this.#writeHeaders(stream, trailers, true);
    this.#endLocal(stream);
  }

  #endLocal(stream: Http2Stream): void {
    stream.isLocalClosed = true;
    this.#closeIfDone(stream);
  }

  #closeIfDone(stream: Http2Stream): void {
    if (stream.isClosed || !stream.isLocalClosed || !stream.isRemoteClosed) return;
    this.closedStreams.addEnded(stream.id);
    this.closeStream(stream, ErrorCode.NO_ERROR);
  }

  #writeHeaders({ id }: Http2Stream, block: Uint8Array, endsStream: boolean): void {
    writeHeaders(this.#output, block, { streamId: id, endsStream, frameBytesMax: this.remote.frameBytesMax });
  }

  /** The peer has changed the window of every stream (section 6.9.2). */
  #growWindows(bytes: number): void {
    if (bytes === 0) return;
    for (const stream of this.streams.values()) {
      if (!stream.sendWindow.grow(bytes)) throw tooLargeWindow();
      this.#sender.add(stream);
    }
    this.#sender.run();
  }

  #endIfIdle(): void {
    if (this.isClosing && !this.isDestroyed && this.streams.size === 0) {
      this.isDestroyed = true;
      this.#end();
    }
  }

  /** Ends every stream; nothing more is read. */
  #breakOff(code: number): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.#reader.stop();
    if (!this.isClosing) this.#handler.onGone?.();
    for (const stream of this.streams.values()) this.closeStream(stream, code);
    this.onBroken();
  }

  /** Ends what the connection keeps besides its streams. */
  protected onBroken(): void {}

  /** Hangs up once everything has left, and waits for the peer to do so: what it still sends would reset the connection. */
  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#reader.stop();
    this.#output.flush();
    this.socket.end();
    this.#cancelLinger = this.#clock.after(LINGER_MS, () => this.socket.destroy());
  }

  #cut(reason: Error): void {
    this.#reason ??= reason;
    this.#breakOff(ErrorCode.CANCEL);
    this.socket.destroy();
  }

  #onClosed(): void {
    this.#cancelLinger();
    this.#breakOff(ErrorCode.CANCEL);
    for (const release of this.#releasing) release();
    this.#handler.onClose(this.#reason);
  }
}

const NO_BYTES = new Uint8Array(0);

function flushConnection(connection: Http2Connection): void {
  connection.flushNow();
}

function tooLargeWindow(): ConnectionError {
  return new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'a window above 2^31-1');
}
