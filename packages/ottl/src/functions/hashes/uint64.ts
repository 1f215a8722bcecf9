/** The lowest 64 bits. */
export function uint64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

export function rotate64(value: bigint, bits: bigint): bigint {
  return uint64((value << bits) | (value >> (64n - bits)));
}

export function hex64(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}

/** The eight bytes in reverse order. */
export function swap64(value: bigint): bigint {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64LE(value);
  return bytes.readBigUInt64BE();
}
