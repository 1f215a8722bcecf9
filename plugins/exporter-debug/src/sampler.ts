import type { Clock } from '@millrace/api';

export interface SamplerSettings {
  readonly sampling_initial: number;
  /** 0: nothing after the initial ones. */
  readonly sampling_thereafter: number;
}

/** Lets the first ones of each second through, and of the others every nth. */
export class Sampler {
  readonly #settings: SamplerSettings;
  readonly #clock: Clock;
  readonly #seen = new Map<string, { endMs: number; count: number }>();

  constructor(settings: SamplerSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Is the next message of this kind let through? Kinds, of which there are few, are counted apart. */
  admits(kind: string): boolean {
    const { sampling_initial: initial, sampling_thereafter: thereafter } = this.#settings;
    const nowMs = this.#clock.monotonic();
    const window = this.#seen.get(kind) ?? { endMs: 0, count: 0 };
    if (nowMs >= window.endMs) {
      window.endMs = nowMs + SECOND_MS;
      window.count = 0;
    }
    window.count++;
    this.#seen.set(kind, window);
    if (window.count <= initial) return true;
    return thereafter > 0 && (window.count - initial) % thereafter === 0;
  }
}

const SECOND_MS = 1000;
