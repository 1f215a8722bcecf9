import { copyBlock } from '@millrace/otlp';

/** The length before each message: an unsigned 32-bit integer, big-endian. */
export const PREFIX_BYTES = 4;

/** Each request after its length, as the Collector writes `format: proto`, in memory of `allocate`, which may be longer than asked for. */
export function messagesOf(
  requests: readonly Uint8Array[],
  allocate = (byteLength: number): Uint8Array => new Uint8Array(byteLength),
): Uint8Array {
  let length = 0;
  for (const request of requests) length += PREFIX_BYTES + request.byteLength;
  const bytes = allocate(length);
  let at = 0;
  for (const request of requests) {
    const size = request.byteLength;
    bytes[at] = size >>> 24;
    bytes[at + 1] = size >>> 16;
    bytes[at + 2] = size >>> 8;
    bytes[at + 3] = size;
    copyBlock(request, bytes, at + PREFIX_BYTES);
    at += PREFIX_BYTES + size;
  }
  return bytes.subarray(0, length);
}
