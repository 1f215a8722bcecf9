import { FrameFlag, FrameType, writeUint32 } from './frame.ts';
import type { Output } from './output.ts';

/** A header block, in as many frames as the peer's frame size makes necessary (RFC 9113, sections 6.2 and 6.10). */
export function writeHeaders(
  output: Output,
  block: Uint8Array,
  head: { readonly streamId: number; readonly endsStream: boolean; readonly frameBytesMax: number },
): void {
  const { streamId, frameBytesMax } = head;
  const endStream = head.endsStream ? FrameFlag.END_STREAM : 0;
  if (block.length <= frameBytesMax) {
    output.frame(FrameType.HEADERS, endStream | FrameFlag.END_HEADERS, streamId, block);
    return;
  }
  for (let at = 0; at < block.length; at += frameBytesMax) {
    const end = Math.min(block.length, at + frameBytesMax);
    const type = at === 0 ? FrameType.HEADERS : FrameType.CONTINUATION;
    const flags = (at === 0 ? endStream : 0) | (end === block.length ? FrameFlag.END_HEADERS : 0);
    output.frame(type, flags, streamId, block, at, end);
  }
}

/** Lets the peer send more; of 0 bytes: nothing. Stream 0 is the connection. */
export function writeWindowUpdate(output: Output, streamId: number, bytes: number): void {
  if (bytes > 0) output.frame(FrameType.WINDOW_UPDATE, 0, streamId, uint32(bytes));
}

export function writeReset(output: Output, streamId: number, code: number): void {
  output.frame(FrameType.RST_STREAM, 0, streamId, uint32(code));
}

export function writePing(output: Output, number: number): void {
  const payload = new Uint8Array(8);
  writeUint32(payload, 4, number);
  output.frame(FrameType.PING, 0, 0, payload);
}

export function writeGoaway(output: Output, lastStreamId: number, code: number, text: string): void {
  const payload = Buffer.alloc(8 + Buffer.byteLength(text));
  writeUint32(payload, 0, lastStreamId);
  writeUint32(payload, 4, code);
  payload.write(text, 8);
  output.frame(FrameType.GOAWAY, 0, 0, payload);
}

function uint32(value: number): Uint8Array {
  const payload = new Uint8Array(4);
  writeUint32(payload, 0, value);
  return payload;
}
