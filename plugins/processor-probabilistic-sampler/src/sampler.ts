import { BUCKETS } from './hashed-randomness.ts';
import type { SamplerSettings } from './sampler-settings.ts';
import type { SamplingState } from './sampling-state.ts';
import {
  ALWAYS,
  NEVER,
  PROBABILITY_MIN,
  probabilityOf,
  RANDOMNESS_MAX,
  type Threshold,
  thresholdOf,
} from './threshold.ts';

/** What randomness is taken from: none is needed to drop everything. */
export type RandomnessSource = 'none' | 'hash' | 'trace';

/** Decides about items by what they say of themselves. */
export class Sampler {
  readonly source: RandomnessSource;
  readonly #proportional: boolean;
  /** What is asked for, before earlier samplers are taken into account. */
  readonly #threshold: Threshold;
  readonly #ratio: number;
  readonly #precision: number;
  /** What stands in for a decision when there is something wrong. */
  readonly #otherwise: Threshold;
  /** The last threshold that arrived in proportional mode, and the one that was made of it: mostly the same for all. */
  #arrived: Threshold = '';
  #multiplied: Threshold = '';

  constructor({ sampling_percentage, mode, fail_closed, sampling_precision }: SamplerSettings) {
    // Single precision, as in the Collector: else thresholds would differ in their last digits.
    const percentage = Math.fround(Math.min(sampling_percentage, 100));
    this.#ratio = Math.max(percentage / 100, PROBABILITY_MIN);
    this.#precision = sampling_precision;
    this.#proportional = mode === 'proportional';
    this.#otherwise = fail_closed ? NEVER : ALWAYS;
    const kept = Math.trunc(Math.fround(percentage * Math.fround(BUCKETS / 100)));
    if (percentage === 0 || (mode === 'hash_seed' && kept === 0)) {
      this.source = 'none';
      this.#threshold = NEVER;
    } else if (mode === 'hash_seed') {
      this.source = 'hash';
      this.#threshold = `${((BUCKETS - kept) << 2).toString(16).padStart(4, '0')}0000000000`;
    } else {
      this.source = 'trace';
      this.#threshold = thresholdOf(this.#ratio, sampling_precision) as Threshold;
    }
  }

  /**
   * Whether the item is kept; `state` then holds what it has to say from now on. `randomness` comes from the source, '' when it
   * has none. `priority` overrides the decision. Sets `state.isBroken` when nothing may be written.
   */
  keeps(state: SamplingState, randomness: string, priority: Threshold | undefined): boolean {
    const effective = this.#randomness(state, randomness);
    let threshold = this.#otherwise;
    if (effective !== '' && !state.isBroken) {
      if (state.tValue === '' || effective >= state.threshold) threshold = this.#decide(state);
      // It should have been dropped before, so its threshold says nothing.
      else state.clearThreshold();
    }
    if (priority !== undefined) threshold = priority;
    if (threshold === NEVER || (effective === '' ? RANDOMNESS_MAX : effective) < threshold) return false;
    if (!state.isBroken) state.raiseThreshold(threshold);
    return true;
  }

  #randomness(state: SamplingState, randomness: string): string {
    switch (this.source) {
      case 'none':
        return RANDOMNESS_MAX;
      case 'trace':
        if (state.isBroken) return '';
        return state.rValue === '' ? randomness : state.rValue.toLowerCase();
      default:
        // Randomness by the specification would be contradicted by the hash.
        if (state.rValue !== '' || state.tValue !== '') state.isBroken = true;
        else if (!state.isBroken) state.rValue = randomness;
        return randomness;
    }
  }

  #decide(state: SamplingState): Threshold {
    if (state.tValue === '' || this.source !== 'trace') return this.#threshold;
    if (!this.#proportional) return state.threshold > this.#threshold ? state.threshold : this.#threshold;
    if (state.threshold !== this.#arrived) {
      this.#arrived = state.threshold;
      this.#multiplied = thresholdOf(probabilityOf(state.threshold) * this.#ratio, this.#precision) ?? NEVER;
    }
    return this.#multiplied;
  }
}
