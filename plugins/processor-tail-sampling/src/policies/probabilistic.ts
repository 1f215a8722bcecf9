import type { Decision } from '../decision.ts';
import { NO_WATCHERS, type Policy, type TraceFacts } from './policy.ts';

const SALT_DEFAULT = 'default-hash-seed';
const MAX = 0xffff_ffff_ffff_ffffn;

/** Samples a part of all traces, by a hash of their ids, as the Collector: FNV-1a with 64 bits, not above a threshold. */
export class Probabilistic implements Policy {
  readonly watchers = NO_WATCHERS;
  readonly isStateful = false;
  readonly #thresholdHigh: number;
  readonly #thresholdLow: number;
  /** The state of the hash behind the salt. */
  readonly #saltedHigh: number;
  readonly #saltedLow: number;

  constructor(settings: { readonly hash_salt: string; readonly sampling_percentage: number }) {
    const threshold = thresholdOf(settings.sampling_percentage / 100);
    this.#thresholdHigh = Number(threshold >> 32n);
    this.#thresholdLow = Number(threshold & 0xffff_ffffn);
    hash.begin(0xcbf29ce4, 0x84222325);
    hash.add(Buffer.from(settings.hash_salt === '' ? SALT_DEFAULT : settings.hash_salt));
    this.#saltedHigh = hash.high;
    this.#saltedLow = hash.low;
  }

  decide({ id }: TraceFacts): Decision {
    hash.begin(this.#saltedHigh, this.#saltedLow);
    hash.add(id);
    const { high, low } = hash;
    const isBelow = high < this.#thresholdHigh || (high === this.#thresholdHigh && low <= this.#thresholdLow);
    return isBelow ? 'sampled' : 'not_sampled';
  }
}

/** 64 bits in two halves: bigints would allocate for each byte. */
class Fnv1a {
  high = 0;
  low = 0;

  begin(high: number, low: number): void {
    this.high = high;
    this.low = low;
  }

  add(bytes: Uint8Array): void {
    let { high, low } = this;
    for (let i = 0; i < bytes.length; i++) {
      low = (low ^ bytes[i]) >>> 0;
      // Times the prime 2^40 + 435.
      const product = low * 435;
      high = (Math.imul(high, 435) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0;
      low = product >>> 0;
    }
    this.high = high;
    this.low = low;
  }
}

const hash = new Fnv1a();
const word = new DataView(new ArrayBuffer(8));

/**
 * How large the hash of a sampled trace may be: `ratio` times the largest one, rounded to 64 significant bits, ties to
 * even, and cut to an integer, as Go's big.Float does.
 */
export function thresholdOf(ratio: number): bigint {
  if (ratio >= 1) return MAX;
  if (!(ratio > 0)) return 0n;
  word.setFloat64(0, ratio);
  const bits = word.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const mantissa = (bits & 0xf_ffff_ffff_ffffn) | (biased === 0 ? 0n : 1n << 52n);
  const product = MAX * mantissa;
  const excess = BigInt(Math.max(0, product.toString(2).length - 64));
  const half = excess === 0n ? 0n : 1n << (excess - 1n);
  const cut = product & ((1n << excess) - 1n);
  let significant = product >> excess;
  if (excess > 0n && (cut > half || (cut === half && (significant & 1n) === 1n))) significant++;
  const shift = BigInt(Math.max(biased, 1) - 1075) + excess;
  return shift >= 0n ? significant << shift : significant >> -shift;
}
