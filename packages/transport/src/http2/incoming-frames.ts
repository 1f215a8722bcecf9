import { ConnectionError, ErrorCode } from './error-code.ts';
import { FRAME_BYTES_DEFAULT, FrameFlag, FrameType, readUint32 } from './frame.ts';
import type { FrameSink } from './frame-reader.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import type { HeaderList } from './hpack-decoder.ts';
import { SETTING_BYTES } from './settings.ts';

/** What frames mean, once they are found to be well-formed. */
export interface FrameEvents {
  onSettings(bytes: Buffer, start: number, end: number): void;
  onPing(payload: Buffer, isAck: boolean): void;
  onGoaway(lastStreamId: number, code: number, data: string): void;
  /** Stream 0 is the connection. */
  onWindowUpdate(streamId: number, increment: number): void;
  onReset(streamId: number, code: number): void;
  onHeaders(streamId: number, list: HeaderList, endsStream: boolean): void;
  /** DATA begins; `length` counts against the windows. */
  onDataBegin(streamId: number, length: number, endsStream: boolean): void;
  onData(bytes: Buffer, start: number, end: number): void;
  onDataEnd(): void;
  /** A frame that does no work, or none worth its handling. */
  onOverhead(): void;
}

export interface FrameLimits {
  readonly frameBytesMax: number;
  /** Bytes of a header list, and of a header block as it comes. */
  readonly headerListBytesMax: number;
}

const PRIORITY_BYTES = 5;
const RESET_BYTES = 4;
const WINDOW_UPDATE_BYTES = 4;
const PING_BYTES = 8;
const GOAWAY_BYTES_MIN = 8;
/** Only the beginning of what a GOAWAY says is of interest. */
const GOAWAY_TEXT_MAX = 200;
/** CONTINUATION frames of one header block; a block of the largest size needs fewer. */
const CONTINUATIONS_MAX = 32;

/** Checks frames by the rules for their types (RFC 9113, section 6), and puts header blocks together. */
export class IncomingFrames implements FrameSink {
  readonly #events: FrameEvents;
  readonly #limits: FrameLimits;
  readonly #decoder: HpackDecoder;
  #hasSettings: boolean;
  /** Stream whose header block goes on in CONTINUATION frames; 0: none. */
  #openBlock: number;
  #openEndsStream: boolean;
  #fragments: Buffer[];
  #fragmentBytes: number;

  constructor(events: FrameEvents, limits: FrameLimits) {
    this.#events = events;
    this.#limits = limits;
    this.#decoder = new HpackDecoder({ listBytesMax: limits.headerListBytesMax });
    this.#hasSettings = false;
    this.#openBlock = 0;
    this.#openEndsStream = false;
    this.#fragments = [];
    this.#fragmentBytes = 0;
  }

  begin(type: number, flags: number, streamId: number, length: number): void {
    if (length > this.#limits.frameBytesMax) throw sizeError(`a frame of ${length} bytes`);
    if (this.#openBlock !== 0 && (type !== FrameType.CONTINUATION || streamId !== this.#openBlock)) {
      throw protocolError('a header block is interrupted');
    }
    if (!this.#hasSettings) this.#checkFirst(type, flags);
    if (type === FrameType.DATA) {
      if (streamId === 0) throw protocolError('DATA without a stream');
      this.#events.onDataBegin(streamId, length, (flags & FrameFlag.END_STREAM) !== 0);
    } else {
      this.#checkLength(type, flags, length);
    }
  }

  frame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    switch (type) {
      case FrameType.HEADERS:
        this.#onHeaders(flags, streamId, bytes, start, end);
        break;
      case FrameType.CONTINUATION:
        this.#onContinuation(flags, streamId, bytes, start, end);
        break;
      case FrameType.SETTINGS:
        this.#onSettings(flags, streamId, bytes, start, end);
        break;
      case FrameType.WINDOW_UPDATE:
        this.#onWindowUpdate(streamId, bytes, start);
        break;
      case FrameType.PING:
        onConnection(streamId, 'PING');
        this.#events.onPing(Buffer.from(bytes.subarray(start, end)), (flags & FrameFlag.ACK) !== 0);
        break;
      case FrameType.RST_STREAM:
        onStream(streamId, 'RST_STREAM');
        this.#events.onReset(streamId, readUint32(bytes, start));
        break;
      case FrameType.GOAWAY:
        this.#onGoaway(streamId, bytes, start, end);
        break;
      case FrameType.PRIORITY:
        onStream(streamId, 'PRIORITY');
        checkDependency(streamId, bytes, start);
        this.#events.onOverhead();
        break;
      case FrameType.PUSH_PROMISE:
        throw protocolError('PUSH_PROMISE, which we have refused');
      default:
        this.#events.onOverhead();
    }
  }

  data(bytes: Buffer, start: number, end: number): void {
    this.#events.onData(bytes, start, end);
  }

  dataEnd(): void {
    this.#events.onDataEnd();
  }

  /** Both sides begin with their settings (section 3.4). */
  #checkFirst(type: number, flags: number): void {
    if (type !== FrameType.SETTINGS || (flags & FrameFlag.ACK) !== 0) throw protocolError('no SETTINGS at first');
    this.#hasSettings = true;
  }

  /** Before any of it is kept. */
  #checkLength(type: number, flags: number, length: number): void {
    const isBlock = type === FrameType.HEADERS || type === FrameType.CONTINUATION;
    // Only DATA, which is not kept, may be as long as we announce.
    const isAllowed = isBlock || (length <= FRAME_BYTES_DEFAULT && isLengthAllowed(type, flags, length));
    if (!isAllowed) throw sizeError(`a frame of type ${type} and ${length} bytes`);
    if (isBlock && this.#fragmentBytes + length > this.#limits.headerListBytesMax) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'a header block is too large');
    }
  }

  #onHeaders(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    onStream(streamId, 'HEADERS');
    let from = start;
    let to = end;
    if ((flags & FrameFlag.PADDED) !== 0) {
      if (end - start < 1) throw sizeError('HEADERS without its padding length');
      to -= bytes[from];
      from += 1;
    }
    if ((flags & FrameFlag.PRIORITY) !== 0) {
      if (to - from < PRIORITY_BYTES) throw sizeError('HEADERS without its priority');
      checkDependency(streamId, bytes, from);
      from += PRIORITY_BYTES;
    }
    if (to < from) throw protocolError('more padding than HEADERS');
    const endsStream = (flags & FrameFlag.END_STREAM) !== 0;
    if ((flags & FrameFlag.END_HEADERS) !== 0) {
      this.#events.onHeaders(streamId, this.#decoder.decode(bytes, from, to), endsStream);
      return;
    }
    this.#openBlock = streamId;
    this.#openEndsStream = endsStream;
    this.#fragments = [Buffer.from(bytes.subarray(from, to))];
    this.#fragmentBytes = to - from;
  }

  #onContinuation(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (this.#openBlock === 0) throw protocolError('CONTINUATION of nothing');
    if (this.#fragments.length > CONTINUATIONS_MAX) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'a header block has too many CONTINUATION frames');
    }
    this.#fragments.push(Buffer.from(bytes.subarray(start, end)));
    this.#fragmentBytes += end - start;
    if ((flags & FrameFlag.END_HEADERS) === 0) return;
    const block = Buffer.concat(this.#fragments);
    this.#openBlock = 0;
    this.#fragments = [];
    this.#fragmentBytes = 0;
    this.#events.onHeaders(streamId, this.#decoder.decode(block), this.#openEndsStream);
  }

  #onSettings(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    onConnection(streamId, 'SETTINGS');
    if ((flags & FrameFlag.ACK) === 0) this.#events.onSettings(bytes, start, end);
    else this.#events.onOverhead();
  }

  #onWindowUpdate(streamId: number, bytes: Buffer, start: number): void {
    const increment = readUint32(bytes, start) & 0x7fffffff;
    // On a stream a stream error would do; nobody who works sends such a frame.
    if (increment === 0) throw protocolError('WINDOW_UPDATE of nothing');
    this.#events.onWindowUpdate(streamId, increment);
  }

  #onGoaway(streamId: number, bytes: Buffer, start: number, end: number): void {
    onConnection(streamId, 'GOAWAY');
    const textStart = start + GOAWAY_BYTES_MIN;
    const text = bytes.toString('latin1', textStart, Math.min(end, textStart + GOAWAY_TEXT_MAX));
    this.#events.onGoaway(readUint32(bytes, start) & 0x7fffffff, readUint32(bytes, start + 4), text);
  }
}

function isLengthAllowed(type: number, flags: number, length: number): boolean {
  switch (type) {
    case FrameType.PRIORITY:
      return length === PRIORITY_BYTES;
    case FrameType.RST_STREAM:
      return length === RESET_BYTES;
    case FrameType.SETTINGS:
      return (flags & FrameFlag.ACK) !== 0 ? length === 0 : length % SETTING_BYTES === 0;
    case FrameType.PING:
      return length === PING_BYTES;
    case FrameType.GOAWAY:
      return length >= GOAWAY_BYTES_MIN;
    case FrameType.WINDOW_UPDATE:
      return length === WINDOW_UPDATE_BYTES;
    default:
      return true;
  }
}

/** Priorities are not followed (section 5.3.2), but none may depend on itself. */
function checkDependency(streamId: number, bytes: Buffer, at: number): void {
  if ((readUint32(bytes, at) & 0x7fffffff) === streamId) throw protocolError('a stream that depends on itself');
}

function onConnection(streamId: number, name: string): void {
  if (streamId !== 0) throw protocolError(`${name} on a stream`);
}

function onStream(streamId: number, name: string): void {
  if (streamId === 0) throw protocolError(`${name} without a stream`);
}

function protocolError(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, message);
}

function sizeError(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, message);
}
