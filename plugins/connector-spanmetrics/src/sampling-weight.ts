/**
 * How many spans one stands for whose `tracestate` has a sampling threshold, `ot=th:…`
 * (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/).
 */
export class SamplingWeight {
  readonly #random: () => number;
  #last = '';
  #weight = 1;
  #isAdjusted = false;

  /** `random` gives numbers in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Whether the state of the last call had a threshold. */
  get isAdjusted(): boolean {
    return this.#isAdjusted;
  }

  /** A whole number; fractions are rounded at random so that sums are right on average. '' counts as one. */
  of(traceState: string): number {
    if (traceState !== this.#last) {
      const threshold = thresholdOf(traceState);
      this.#last = traceState;
      this.#isAdjusted = threshold !== undefined;
      this.#weight = threshold === undefined ? 1 : MAX / (MAX - threshold);
    }
    const whole = Math.floor(this.#weight);
    const rest = this.#weight - whole;
    return rest > 0 && this.#random() < rest ? whole + 1 : whole;
  }
}

const MAX = 2 ** 56;
const DIGITS = 14;

function thresholdOf(traceState: string): number | undefined {
  const entry = /(?:^|,)[ \t]*ot=([^,]*)/.exec(traceState)?.[1];
  const digits = /(?:^|;)th:([0-9a-f]{1,14})(?:;|$)/.exec(entry?.trimEnd() ?? '')?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits.padEnd(DIGITS, '0'), 16);
}
