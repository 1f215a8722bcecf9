import { secret64, SECRET_BYTES } from './xxh3-secret.ts';
import { uint64 } from './uint64.ts';

/* The parts that the two lengths of XXH3 share: see the xxHash specification, sections on XXH3. */

const PRIME32_1 = 0x9e3779b1n;
export const PRIME32_2 = 0x85ebca77n;
const PRIME32_3 = 0xc2b2ae3dn;
export const PRIME64_1 = 0x9e3779b185ebca87n;
export const PRIME64_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME64_3 = 0x165667b19e3779f9n;
export const PRIME64_4 = 0x85ebca77c2b2ae63n;
const PRIME64_5 = 0x27d4eb2f165667c5n;
export const PRIME_MX2 = 0x9fb21c651e98df25n;

const STRIPE_BYTES = 64;
const BLOCK_BYTES = 1024;
const LANES = 8;
const MERGE_BYTES = 64;

/** Where the hash's last merge begins in the secret. */
export const MERGE_LOW = 11;
export const MERGE_HIGH = SECRET_BYTES - MERGE_BYTES - MERGE_LOW;

/** The two halves of the product of two 64-bit numbers, on top of each other. */
export function fold(a: bigint, b: bigint): bigint {
  const product = a * b;
  return uint64(product) ^ (product >> 64n);
}

/** Sixteen bytes of the input with sixteen of the secret. */
export function mix16(bytes: Buffer, at: number, secretAt: number): bigint {
  return fold(bytes.readBigUInt64LE(at) ^ secret64(secretAt), bytes.readBigUInt64LE(at + 8) ^ secret64(secretAt + 8));
}

export function avalanche(hash: bigint): bigint {
  const mixed = uint64((hash ^ (hash >> 37n)) * 0x165667919e3779f9n);
  return mixed ^ (mixed >> 32n);
}

/** The end of the older XXH64, which inputs of up to three bytes take. */
export function avalanche64(hash: bigint): bigint {
  let mixed = uint64((hash ^ (hash >> 33n)) * PRIME64_2);
  mixed = uint64((mixed ^ (mixed >> 29n)) * PRIME64_3);
  return mixed ^ (mixed >> 32n);
}

/** One to three bytes and their number, in one word of 32 bits. */
export function packShort(bytes: Buffer): bigint {
  const last = bytes.length - 1;
  return BigInt(((bytes[0] << 16) | (bytes[bytes.length >> 1] << 24) | bytes[last] | (bytes.length << 8)) >>> 0);
}

/** The eight lanes after more than 240 bytes. */
export function accumulateLong(bytes: Buffer): readonly bigint[] {
  const lanes = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1];
  const stripes = Math.floor((bytes.length - 1) / STRIPE_BYTES);
  const stripesPerBlock = BLOCK_BYTES / STRIPE_BYTES;
  for (let stripe = 0; stripe < stripes; stripe++) {
    const inBlock = stripe % stripesPerBlock;
    accumulate(lanes, bytes, stripe * STRIPE_BYTES, inBlock * 8);
    const isBlockDone = inBlock === stripesPerBlock - 1;
    if (isBlockDone) scramble(lanes, SECRET_BYTES - STRIPE_BYTES);
  }
  accumulate(lanes, bytes, bytes.length - STRIPE_BYTES, SECRET_BYTES - STRIPE_BYTES - 7);
  return lanes;
}

function accumulate(lanes: bigint[], bytes: Buffer, at: number, secretAt: number): void {
  for (let lane = 0; lane < LANES; lane++) {
    const word = bytes.readBigUInt64LE(at + lane * 8);
    const keyed = word ^ secret64(secretAt + lane * 8);
    lanes[lane ^ 1] = uint64(lanes[lane ^ 1] + word);
    lanes[lane] = uint64(lanes[lane] + (keyed & 0xffffffffn) * (keyed >> 32n));
  }
}

function scramble(lanes: bigint[], secretAt: number): void {
  for (let lane = 0; lane < LANES; lane++) {
    const mixed = lanes[lane] ^ (lanes[lane] >> 47n) ^ secret64(secretAt + lane * 8);
    lanes[lane] = uint64(mixed * PRIME32_1);
  }
}

export function mergeLanes(lanes: readonly bigint[], secretAt: number, start: bigint): bigint {
  let hash = start;
  for (let lane = 0; lane < LANES; lane += 2) {
    const at = secretAt + lane * 8;
    hash += fold(lanes[lane] ^ secret64(at), lanes[lane + 1] ^ secret64(at + 8));
  }
  return avalanche(uint64(hash));
}
