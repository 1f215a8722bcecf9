import { secret32, secret64 } from './xxh3-secret.ts';
import {
  accumulateLong,
  avalanche,
  avalanche64,
  MERGE_HIGH,
  MERGE_LOW,
  mergeLanes,
  mix16,
  packShort,
  PRIME32_2,
  PRIME64_1,
  PRIME64_2,
  PRIME64_4,
  PRIME_MX2,
} from './xxh3-mix.ts';
import { hex64, swap64, uint64 } from './uint64.ts';

interface Halves {
  low: bigint;
  high: bigint;
}

/** XXH3 of 128 bits with the seed 0, in hex. */
export function xxh3Hex128(bytes: Buffer): string {
  const { low, high } = xxh128(bytes);
  return hex64(high) + hex64(low);
}

function xxh128(bytes: Buffer): Halves {
  const { length } = bytes;
  if (length === 0)
    return { low: avalanche64(secret64(64) ^ secret64(72)), high: avalanche64(secret64(80) ^ secret64(88)) };
  if (length <= 3) return hash1to3(bytes);
  if (length <= 8) return hash4to8(bytes);
  if (length <= 16) return hash9to16(bytes);
  if (length <= 128) return hash17to128(bytes);
  if (length <= 240) return hash129to240(bytes);
  const lanes = accumulateLong(bytes);
  return {
    low: mergeLanes(lanes, MERGE_LOW, uint64(BigInt(length) * PRIME64_1)),
    high: mergeLanes(lanes, MERGE_HIGH, uint64(~(BigInt(length) * PRIME64_2))),
  };
}

function hash1to3(bytes: Buffer): Halves {
  const packed = Number(packShort(bytes));
  const swapped = Buffer.allocUnsafe(4);
  swapped.writeUInt32LE(packed);
  const word = swapped.readUInt32BE();
  const turned = ((word << 13) | (word >>> 19)) >>> 0;
  return {
    low: avalanche64(BigInt(packed) ^ secret32(0) ^ secret32(4)),
    high: avalanche64(BigInt(turned) ^ secret32(8) ^ secret32(12)),
  };
}

function hash4to8(bytes: Buffer): Halves {
  const first = BigInt(bytes.readUInt32LE(0));
  const last = BigInt(bytes.readUInt32LE(bytes.length - 4));
  const keyed = (first + (last << 32n)) ^ secret64(16) ^ secret64(24);
  const product = keyed * uint64(PRIME64_1 + (BigInt(bytes.length) << 2n));
  let low = uint64(product);
  const high = uint64((product >> 64n) + (low << 1n));
  low ^= high >> 3n;
  low = uint64((low ^ (low >> 35n)) * PRIME_MX2);
  return { low: low ^ (low >> 28n), high: avalanche(high) };
}

function hash9to16(bytes: Buffer): Halves {
  const first = bytes.readBigUInt64LE(0);
  const last = bytes.readBigUInt64LE(bytes.length - 8);
  const product = (first ^ last ^ secret64(32) ^ secret64(40)) * PRIME64_1;
  const keyed = last ^ secret64(48) ^ secret64(56);
  let low = uint64(product + (BigInt(bytes.length - 1) << 54n));
  const high = uint64((product >> 64n) + keyed + (keyed & 0xffffffffn) * (PRIME32_2 - 1n));
  low ^= swap64(high);
  const spread = low * PRIME64_2;
  return { low: avalanche(uint64(spread)), high: avalanche(uint64((spread >> 64n) + high * PRIME64_2)) };
}

function hash17to128(bytes: Buffer): Halves {
  const hash = { low: uint64(BigInt(bytes.length) * PRIME64_1), high: 0n };
  for (let round = (bytes.length - 1) >> 5; round >= 0; round--)
    mix32(hash, bytes, round * 16, bytes.length - (round + 1) * 16, round * 32);
  return finish(hash, bytes.length);
}

function hash129to240(bytes: Buffer): Halves {
  const hash = { low: uint64(BigInt(bytes.length) * PRIME64_1), high: 0n };
  for (let round = 0; round < 4; round++) mix32(hash, bytes, round * 32, round * 32 + 16, round * 32);
  hash.low = avalanche(hash.low);
  hash.high = avalanche(hash.high);
  for (let round = 4; round < bytes.length >> 5; round++)
    mix32(hash, bytes, round * 32, round * 32 + 16, (round - 4) * 32 + 3);
  mix32(hash, bytes, bytes.length - 16, bytes.length - 32, 103);
  return finish(hash, bytes.length);
}

function mix32(hash: Halves, bytes: Buffer, first: number, second: number, secretAt: number): void {
  hash.low = uint64(hash.low + mix16(bytes, first, secretAt)) ^ sum16(bytes, second);
  hash.high = uint64(hash.high + mix16(bytes, second, secretAt + 16)) ^ sum16(bytes, first);
}

function sum16(bytes: Buffer, at: number): bigint {
  return uint64(bytes.readBigUInt64LE(at) + bytes.readBigUInt64LE(at + 8));
}

function finish({ low, high }: Halves, length: number): Halves {
  const mixed = low * PRIME64_1 + high * PRIME64_4 + BigInt(length) * PRIME64_2;
  return { low: avalanche(uint64(low + high)), high: uint64(-avalanche(uint64(mixed))) };
}
