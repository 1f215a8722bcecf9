/** The 64-bit FNV-1a hash as an int64 (the Internet Draft draft-eastlake-fnv). */
export function fnv1a64(bytes: Uint8Array): bigint {
  // Two halves of 32 bits: a bigint for each byte would be ten times slower. The prime is 2^40 + 0x1b3.
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < bytes.length; i++) {
    low = (low ^ bytes[i]) >>> 0;
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
}
