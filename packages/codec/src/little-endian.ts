/** The unsigned 32-bit number in little-endian order at `at`, which must have four bytes. */
export function readUint32(bytes: Uint8Array, at = 0): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
