import type { Socket } from 'node:net';
import { FRAME_HEAD_BYTES, writeFrameHead } from './frame.ts';

/** Longer payloads are not copied, but written from where they lie, which takes a slower way to the kernel. Frames of 16 kB are longer. */
const COPY_BYTES_MAX = 8 * 1024;
/** Shorter ones are copied without a call of native code, which would cost more. */
const BYTEWISE_MAX = 48;
const ROOM_BYTES_FIRST = 1024;
const ROOM_BYTES_MAX = 64 * 1024;

/**
 * Frames on their way to a socket: whatever is written before a {@link flush} leaves in one system call.
 * Hot: measured in benchmarks/micro/transport.
 */
export class Output {
  readonly #socket: Socket;
  /** Frames and small payloads; what lies before #from has left. */
  #room: Buffer;
  #from: number;
  #at: number;
  /** What leaves before `#room[#from, #at)`. */
  readonly #chunks: Uint8Array[];
  #chunkBytes: number;
  /** Everything that was ever written. */
  totalBytes: number;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#room = Buffer.allocUnsafeSlow(ROOM_BYTES_FIRST);
    this.#from = 0;
    this.#at = 0;
    this.#chunks = [];
    this.#chunkBytes = 0;
    this.totalBytes = 0;
  }

  /** Of {@link totalBytes} those that are not read any more. */
  get takenBytes(): number {
    return this.totalBytes - this.pendingBytes;
  }

  /** Bytes that the kernel has not taken yet. */
  get pendingBytes(): number {
    return this.#socket.writableLength + this.#chunkBytes + this.#at - this.#from;
  }

  frame(type: number, flags: number, streamId: number, payload: Uint8Array, start = 0, end = payload.length): void {
    const length = end - start;
    const isCopied = length <= COPY_BYTES_MAX;
    this.#reserve(FRAME_HEAD_BYTES + (isCopied ? length : 0));
    this.frameHead(type, flags, streamId, length);
    this.append(payload, start, end);
  }

  /** The head of a frame whose payload is {@link append}ed. */
  frameHead(type: number, flags: number, streamId: number, length: number): void {
    this.#reserve(FRAME_HEAD_BYTES);
    writeFrameHead(this.#room, this.#at, { length, type, flags, streamId });
    this.#at += FRAME_HEAD_BYTES;
    this.totalBytes += FRAME_HEAD_BYTES;
  }

  append(payload: Uint8Array, start = 0, end = payload.length): void {
    const length = end - start;
    this.totalBytes += length;
    if (length > COPY_BYTES_MAX) {
      this.#pushRoom();
      this.#push(start === 0 && end === payload.length ? payload : payload.subarray(start, end));
      return;
    }
    this.#reserve(length);
    // Native also where the payload lies in shared memory, where `set` goes byte by byte.
    if (length > BYTEWISE_MAX) Buffer.prototype.copy.call(payload, this.#room, this.#at, start, end);
    else for (let at = 0; at < length; at += 1) this.#room[this.#at + at] = payload[start + at];
    this.#at += length;
  }

  /** Hands everything to the socket. */
  flush(): void {
    const socket = this.#socket;
    if (this.#chunks.length === 0) {
      if (this.#at === this.#from) return;
      if (socket.writable) socket.write(this.#room.subarray(this.#from, this.#at));
    } else {
      this.#pushRoom();
      if (socket.writable) {
        socket.cork();
        for (const chunk of this.#chunks) socket.write(chunk);
        socket.uncork();
      }
      this.#chunks.length = 0;
      this.#chunkBytes = 0;
    }
    // What the kernel has taken is not read any more.
    this.#at = socket.writableLength === 0 ? 0 : this.#at;
    this.#from = this.#at;
  }

  #push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
  }

  #pushRoom(): void {
    if (this.#at === this.#from) return;
    this.#push(this.#room.subarray(this.#from, this.#at));
    this.#from = this.#at;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#room.length) return;
    this.#pushRoom();
    this.#room = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(ROOM_BYTES_MAX, this.#room.length * 4)));
    this.#from = 0;
    this.#at = 0;
  }
}
