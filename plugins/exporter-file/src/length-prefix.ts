/** The length before each message: an unsigned 32-bit integer, big-endian. */
export const PREFIX_BYTES = 4;

/** Each request after its length, as the Collector writes `format: proto`. */
export function messagesOf(requests: readonly Uint8Array[]): Uint8Array {
  const length = requests.reduce((sum, request) => sum + PREFIX_BYTES + request.byteLength, 0);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const request of requests) {
    view.setUint32(at, request.byteLength);
    bytes.set(request, at + PREFIX_BYTES);
    at += PREFIX_BYTES + request.byteLength;
  }
  return bytes;
}
