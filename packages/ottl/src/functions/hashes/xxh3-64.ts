import { secret32, secret64 } from './xxh3-secret.ts';
import {
  accumulateLong,
  avalanche,
  avalanche64,
  fold,
  MERGE_LOW,
  mergeLanes,
  mix16,
  packShort,
  PRIME64_1,
  PRIME_MX2,
} from './xxh3-mix.ts';
import { hex64, rotate64, swap64, uint64 } from './uint64.ts';

/** XXH3 of 64 bits with the seed 0, in hex. */
export function xxh3Hex64(bytes: Buffer): string {
  return hex64(xxh3(bytes));
}

function xxh3(bytes: Buffer): bigint {
  const { length } = bytes;
  if (length === 0) return avalanche64(secret64(56) ^ secret64(64));
  if (length <= 3) return avalanche64(packShort(bytes) ^ secret32(0) ^ secret32(4));
  if (length <= 8) return hash4to8(bytes);
  if (length <= 16) return hash9to16(bytes);
  if (length <= 128) return hash17to128(bytes);
  if (length <= 240) return hash129to240(bytes);
  return mergeLanes(accumulateLong(bytes), MERGE_LOW, uint64(BigInt(length) * PRIME64_1));
}

function hash4to8(bytes: Buffer): bigint {
  const first = BigInt(bytes.readUInt32LE(0));
  const last = BigInt(bytes.readUInt32LE(bytes.length - 4));
  const keyed = (last + (first << 32n)) ^ secret64(8) ^ secret64(16);
  let hash = uint64((keyed ^ rotate64(keyed, 49n) ^ rotate64(keyed, 24n)) * PRIME_MX2);
  hash = uint64((hash ^ ((hash >> 35n) + BigInt(bytes.length))) * PRIME_MX2);
  return hash ^ (hash >> 28n);
}

function hash9to16(bytes: Buffer): bigint {
  const low = bytes.readBigUInt64LE(0) ^ secret64(24) ^ secret64(32);
  const high = bytes.readBigUInt64LE(bytes.length - 8) ^ secret64(40) ^ secret64(48);
  return avalanche(uint64(BigInt(bytes.length) + swap64(low) + high + fold(low, high)));
}

function hash17to128(bytes: Buffer): bigint {
  let hash = BigInt(bytes.length) * PRIME64_1;
  for (let round = (bytes.length - 1) >> 5; round >= 0; round--) {
    hash += mix16(bytes, round * 16, round * 32);
    hash += mix16(bytes, bytes.length - (round + 1) * 16, round * 32 + 16);
  }
  return avalanche(uint64(hash));
}

function hash129to240(bytes: Buffer): bigint {
  let hash = BigInt(bytes.length) * PRIME64_1;
  for (let round = 0; round < 8; round++) hash += mix16(bytes, round * 16, round * 16);
  hash = avalanche(uint64(hash));
  for (let round = 8; round < bytes.length >> 4; round++) hash += mix16(bytes, round * 16, (round - 8) * 16 + 3);
  hash += mix16(bytes, bytes.length - 16, 119);
  return avalanche(uint64(hash));
}
