import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { PREFACE, writeFrameHead } from '../http2/frame.ts';
import { encodeStateless } from '../http2/hpack-encoder.ts';

export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** The bytes of a frame, whatever its type and length make of it. */
export function rawFrame(type: number, flags: number, streamId: number, payload: Uint8Array = Buffer.of()): Buffer {
  const frame = Buffer.alloc(9 + payload.length);
  writeFrameHead(frame, 0, { length: payload.length, type, flags, streamId });
  frame.set(payload, 9);
  return frame;
}

export const uint32 = (...values: number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    }),
  );

/** Payload of SETTINGS. */
export const settings = (...entries: readonly (readonly [id: number, value: number])[]): Buffer =>
  Buffer.concat(entries.map(([id, value]) => Buffer.concat([Buffer.of(id >> 8, id), uint32(value)])));

/** Header block of a call of the echo server's method, with more fields after it. */
export const callBlock = (more: readonly (readonly [string, string])[] = []): Uint8Array =>
  encodeStateless([
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', '/test.Echo/Echo'],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ...more,
  ]);

/** Cuts what has come into frames. */
export function parseFrames(bytes: Buffer): RawFrame[] {
  const frames: RawFrame[] = [];
  for (let at = 0; at + 9 <= bytes.length;) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    const [type, flags] = bytes.subarray(at + 3, at + 5);
    frames.push({ type, flags, streamId: bytes.readUInt32BE(at + 5), payload: bytes.subarray(at + 9, end) });
    at = end;
  }
  return frames;
}

/** One end of a connection that speaks whatever it is told to. */
export class RawPeer {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #isClosed = false;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** A client that has sent its preface and settings. */
  static client(port: number, given: Uint8Array = Buffer.of()): RawPeer {
    const peer = RawPeer.silent(port);
    peer.send(PREFACE, rawFrame(4, 0, 0, given));
    return peer;
  }

  /** A client that has said nothing yet. */
  static silent(port: number): RawPeer {
    return new RawPeer(connect(port, '127.0.0.1'));
  }

  get frames(): RawFrame[] {
    return parseFrames(this.#received);
  }

  get bytes(): Buffer {
    return this.#received;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(...chunks: readonly Uint8Array[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(chunks));
  }

  /** The first frame that fits; undefined when the connection ends without it. */
  async frame(fits: (frame: RawFrame) => boolean): Promise<RawFrame | undefined> {
    for (;;) {
      const found = this.frames.find(fits);
      if (found !== undefined || this.#isClosed) return found;
      await this.more();
    }
  }

  /** Code of the GOAWAY that ends the connection; undefined when it ends without one. */
  async goaway(): Promise<number | undefined> {
    const frame = await this.frame(({ type }) => type === 7);
    return frame?.payload.readUInt32BE(4);
  }

  /** Code of the reset of a stream. */
  async reset(id: number): Promise<number | undefined> {
    const frame = await this.frame(({ type, streamId }) => type === 3 && streamId === id);
    return frame?.payload.readUInt32BE(0);
  }

  async closed(): Promise<void> {
    while (!this.#isClosed) await this.more();
  }

  /** Resolves when something has come, or the end. */
  more(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
