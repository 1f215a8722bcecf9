/** Half of them divide each power of two: values within one bucket differ by less than 1 %. */
const STEPS = 256;
const STEP_BITS = 8;
/** Of integers that are exact. */
const POWERS = 53 - STEP_BITS + 1;

/**
 * Counts latencies from a microsecond on in buckets that grow with the value, as HdrHistogram does: exact up to 256 µs, and
 * within 1 % above, in fixed memory.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(STEPS + POWERS * (STEPS / 2));
  #count = 0;
  #sumMs = 0;
  #maxMs = 0;

  record(ms: number): void {
    this.#counts[bucketOf(Math.max(0, Math.round(ms * 1_000)))] += 1;
    this.#count += 1;
    this.#sumMs += ms;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  get count(): number {
    return this.#count;
  }

  /** Milliseconds; NaN of nothing. */
  get meanMs(): number {
    return this.#sumMs / this.#count;
  }

  /** Milliseconds; 0 of nothing. */
  get maxMs(): number {
    return this.#maxMs;
  }

  /** The latency, in milliseconds, that this share (0 to 1) of all is not above; never above the highest. NaN of nothing. */
  percentileMs(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket];
      if (seen >= rank) return Math.min(this.#maxMs, highestOf(bucket) / 1_000);
    }
    return Number.NaN;
  }
}

function bucketOf(us: number): number {
  if (us < STEPS) return us;
  const power = Math.floor(Math.log2(us)) - STEP_BITS + 1;
  // Half of the steps of a power are those of the power below.
  return power * (STEPS / 2) + Math.floor(us / 2 ** power);
}

function highestOf(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const power = Math.floor(bucket / (STEPS / 2)) - 1;
  return (bucket - power * (STEPS / 2) + 1) * 2 ** power - 1;
}
