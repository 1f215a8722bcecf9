/** Bytes with an ArrayBuffer of exactly their own: they can be transferred to another thread, and keep nothing else alive. */
export type OwnedBytes = Uint8Array<ArrayBuffer>;

/**
 * `bytes` as a plain Uint8Array that owns its whole ArrayBuffer, copied only where it does not already. Needed because
 * zlib hands out slices of larger or pooled buffers. Not for results of native addons: see {@link copiedBytes}.
 */
export function ownedBytes(bytes: Uint8Array): OwnedBytes {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) return new Uint8Array(buffer);
  return copiedBytes(bytes);
}

/** A copy of `bytes`, which `slice` is not where they are a Buffer. Native addons' results need it: their external memory cannot be transferred (DataCloneError). */
export function copiedBytes(bytes: Uint8Array): OwnedBytes {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

/** All `parts`, one after the other. A single part is not copied where it owns its buffer. */
export function concatBytes(parts: readonly Uint8Array[]): OwnedBytes {
  if (parts.length === 1) return ownedBytes(parts[0]);
  let length = 0;
  for (const part of parts) length += part.byteLength;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** The same memory as a Buffer, for APIs that insist on one. Shared memory stays shared. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}
