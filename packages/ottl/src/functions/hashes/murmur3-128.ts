import { rotate64, uint64 } from './uint64.ts';

const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;

/** MurmurHash3_x64_128 with the seed 0, in hex, the lowest byte of each half first. */
export function murmur3Hex128(bytes: Buffer): string {
  const whole = bytes.length & ~15;
  let h1 = 0n;
  let h2 = 0n;
  for (let at = 0; at < whole; at += 16) {
    h1 ^= scramble1(bytes.readBigUInt64LE(at));
    h1 = uint64((rotate64(h1, 27n) + h2) * 5n + 0x52dce729n);
    h2 ^= scramble2(bytes.readBigUInt64LE(at + 8));
    h2 = uint64((rotate64(h2, 31n) + h1) * 5n + 0x38495ab5n);
  }
  const tail = Buffer.alloc(16);
  bytes.copy(tail, 0, whole);
  const length = BigInt(bytes.length);
  h1 ^= scramble1(tail.readBigUInt64LE(0)) ^ length;
  h2 ^= scramble2(tail.readBigUInt64LE(8)) ^ length;
  h1 = uint64(h1 + h2);
  h2 = uint64(h2 + h1);
  h1 = finish(h1);
  h2 = finish(h2);
  h1 = uint64(h1 + h2);
  h2 = uint64(h2 + h1);
  const out = Buffer.allocUnsafe(16);
  out.writeBigUInt64LE(h1, 0);
  out.writeBigUInt64LE(h2, 8);
  return out.toString('hex');
}

function scramble1(word: bigint): bigint {
  return uint64(rotate64(uint64(word * C1), 31n) * C2);
}

function scramble2(word: bigint): bigint {
  return uint64(rotate64(uint64(word * C2), 33n) * C1);
}

function finish(hash: bigint): bigint {
  let mixed = uint64((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn);
  mixed = uint64((mixed ^ (mixed >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return mixed ^ (mixed >> 33n);
}
