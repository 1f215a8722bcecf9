import { ConnectionError, ErrorCode } from './error-code.ts';
import { FRAME_HEAD_BYTES, FrameFlag, FrameType, readUint32 } from './frame.ts';

/** What a {@link FrameReader} finds, in order. May throw a {@link ConnectionError}. */
export interface FrameSink {
  /** A frame begins; `length` is that of its payload. For frames other than DATA only a check. */
  begin(type: number, flags: number, streamId: number, length: number): void;
  /** A whole frame other than DATA; `bytes[start, end)` is only valid during the call. */
  frame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void;
  /** A part of the present DATA frame, without its padding; only valid during the call. */
  data(bytes: Buffer, start: number, end: number): void;
  /** The present DATA frame is complete. */
  dataEnd(): void;
}

/**
 * Cuts the bytes of a connection into frames, wherever chunks begin and end. DATA is passed on as it comes, without waiting for the
 * whole frame; others are kept until they are whole, which their sink bounds in {@link FrameSink.begin}.
 * Hot: measured in benchmarks/micro/transport.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  /** The part of a head, or of a payload, that came in earlier chunks. */
  readonly #head: Buffer;
  #headLength: number;
  #payload: Buffer | undefined;
  #payloadLength: number;
  #type: number;
  #flags: number;
  #streamId: number;
  /** Bytes of the present frame's payload that are still to come, with padding; -1 between frames. */
  #missing: number;
  #padding: number;
  /** The next byte is the length of the padding. */
  #wantsPadLength: boolean;
  #isStopped: boolean;

  constructor(sink: FrameSink) {
    this.#sink = sink;
    this.#head = Buffer.alloc(FRAME_HEAD_BYTES);
    this.#headLength = 0;
    this.#payload = undefined;
    this.#payloadLength = 0;
    this.#type = 0;
    this.#flags = 0;
    this.#streamId = 0;
    this.#missing = -1;
    this.#padding = 0;
    this.#wantsPadLength = false;
    this.#isStopped = false;
  }

  /** Nothing more is passed on. */
  stop(): void {
    this.#isStopped = true;
    this.#payload = undefined;
  }

  push(chunk: Buffer, start = 0): void {
    let at = start;
    while (at < chunk.length && !this.#isStopped) {
      if (this.#missing < 0) at = this.#readHead(chunk, at);
      else if (this.#type === FrameType.DATA) at = this.#readData(chunk, at);
      else at = this.#readPayload(chunk, at);
    }
  }

  #readHead(chunk: Buffer, at: number): number {
    if (this.#headLength === 0 && chunk.length - at >= FRAME_HEAD_BYTES) {
      this.#begin(chunk, at);
      return at + FRAME_HEAD_BYTES;
    }
    const take = Math.min(FRAME_HEAD_BYTES - this.#headLength, chunk.length - at);
    chunk.copy(this.#head, this.#headLength, at, at + take);
    this.#headLength += take;
    if (this.#headLength === FRAME_HEAD_BYTES) {
      this.#headLength = 0;
      this.#begin(this.#head, 0);
    }
    return at + take;
  }

  #begin(bytes: Buffer, at: number): void {
    const length = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    this.#type = bytes[at + 3];
    this.#flags = bytes[at + 4];
    this.#streamId = readUint32(bytes, at + 5) & 0x7fffffff;
    this.#sink.begin(this.#type, this.#flags, this.#streamId, length);
    this.#missing = length;
    this.#padding = 0;
    if (this.#type !== FrameType.DATA) {
      if (length === 0) this.#finish(bytes, 0, 0);
      return;
    }
    this.#wantsPadLength = (this.#flags & FrameFlag.PADDED) !== 0;
    if (length > 0) return;
    if (this.#wantsPadLength) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'DATA without its padding length');
    this.#endData();
  }

  #readData(chunk: Buffer, start: number): number {
    let at = start;
    if (this.#wantsPadLength) {
      this.#wantsPadLength = false;
      this.#padding = chunk[at];
      this.#missing -= 1;
      at += 1;
      if (this.#padding > this.#missing) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'more padding than DATA');
    }
    const content = Math.min(this.#missing - this.#padding, chunk.length - at);
    if (content > 0) {
      this.#missing -= content;
      this.#sink.data(chunk, at, at + content);
      at += content;
    }
    if (this.#missing <= this.#padding) {
      const skipped = Math.min(this.#missing, chunk.length - at);
      this.#missing -= skipped;
      at += skipped;
      if (this.#missing === 0) this.#endData();
    }
    return at;
  }

  #endData(): void {
    this.#missing = -1;
    this.#sink.dataEnd();
  }

  #readPayload(chunk: Buffer, at: number): number {
    const take = Math.min(this.#missing, chunk.length - at);
    if (this.#payload === undefined && take === this.#missing) {
      this.#finish(chunk, at, at + take);
      return at + take;
    }
    if (this.#payload === undefined) {
      this.#payload = Buffer.allocUnsafe(this.#missing);
      this.#payloadLength = 0;
    }
    chunk.copy(this.#payload, this.#payloadLength, at, at + take);
    this.#payloadLength += take;
    this.#missing -= take;
    if (this.#missing === 0) this.#finish(this.#payload, 0, this.#payloadLength);
    return at + take;
  }

  #finish(bytes: Buffer, start: number, end: number): void {
    this.#missing = -1;
    this.#payload = undefined;
    this.#sink.frame(this.#type, this.#flags, this.#streamId, bytes, start, end);
  }
}
