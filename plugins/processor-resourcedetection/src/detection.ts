import type { StepTools } from '@millrace/api';
import { messageOf } from '@millrace/api';
import type { DetectionSettings } from './detection-settings.ts';
import { detect } from './detectors.ts';
import type { Machine } from './machine.ts';
import { ResourceMerge } from './resource-merge.ts';

const NANOSECONDS_A_MS = 1_000_000;

/** What was found, kept up to date. Detection takes well below a millisecond, so it is done where data passes. */
export class Detection {
  readonly #machine: Machine;
  readonly #settings: DetectionSettings;
  readonly #tools: StepTools;
  #merge: ResourceMerge;
  #nextUnixMs: number;

  /** Throws ComponentError when a detector fails. */
  constructor(machine: Machine, settings: DetectionSettings, tools: StepTools) {
    this.#machine = machine;
    this.#settings = settings;
    this.#tools = tools;
    this.#merge = this.#detect();
    this.#nextUnixMs = this.#nowUnixMs() + settings.refresh_interval;
  }

  /** To be asked for once for each batch. */
  get merge(): ResourceMerge {
    const { refresh_interval } = this.#settings;
    if (refresh_interval === 0) return this.#merge;
    const now = this.#nowUnixMs();
    if (now < this.#nextUnixMs) return this.#merge;
    this.#nextUnixMs = now + refresh_interval;
    try {
      this.#merge = this.#detect();
    } catch (error) {
      // What was found before is better than nothing.
      this.#tools.logger.warn('cannot detect the resource again; what was found before stays', {
        error: messageOf(error),
      });
    }
    return this.#merge;
  }

  #detect(): ResourceMerge {
    return new ResourceMerge(detect(this.#machine, this.#settings), this.#settings.override);
  }

  #nowUnixMs(): number {
    return this.#settings.refresh_interval === 0 ? 0 : Number(this.#tools.nowUnixNano()) / NANOSECONDS_A_MS;
  }
}
