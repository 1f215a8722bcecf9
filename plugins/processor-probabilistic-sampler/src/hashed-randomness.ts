const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const BUCKET_BITS = 14;
export const BUCKETS = 1 << BUCKET_BITS;
const BUCKET_MASK = BUCKETS - 1;

/** Randomness from bytes by FNV-1a, which collectors with the same seed agree on. */
export class HashedRandomness {
  readonly #seeded: number;

  constructor(seed: number) {
    this.#seeded = fnv1a(FNV_OFFSET, Uint8Array.of(seed, seed >>> 8, seed >>> 16, seed >>> 24));
  }

  /**
   * 14 hex digits. Their first 14 bits are the hash's last ones, turned over: it used to be kept when below a threshold, and
   * randomness is when it is not below. The others only tell hashes apart.
   */
  of(bytes: Uint8Array): string {
    const hash = fnv1a(this.#seeded, bytes);
    const bucket = hash & BUCKET_MASK;
    const rest = hash >>> (32 - BUCKET_BITS);
    const mixed = rest ^ (rest << 10);
    const high = ((BUCKET_MASK - bucket) << BUCKET_BITS) | (mixed >>> BUCKET_BITS);
    const low = ((mixed & BUCKET_MASK) << BUCKET_BITS) | bucket;
    return high.toString(16).padStart(7, '0') + low.toString(16).padStart(7, '0');
  }
}

function fnv1a(start: number, bytes: Uint8Array): number {
  let hash = start;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], FNV_PRIME);
  return hash >>> 0;
}
