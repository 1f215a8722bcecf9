import type { StepTools } from '@millrace/api';
import { messageOf, retryable } from '@millrace/api';
import type { DetectionSettings } from './detection-settings.ts';
import { detect, servicesOf } from './detectors.ts';
import type { Machine } from './machine.ts';
import { ResourceMerge } from './resource-merge.ts';

const NANOSECONDS_A_MS = 1_000_000;

/**
 * What was found, kept up to date. It is done where data passes: it takes well below a millisecond, unless services are
 * asked, which the first batch waits for.
 */
export class Detection {
  readonly #machine: Machine;
  readonly #settings: DetectionSettings;
  readonly #tools: StepTools;
  #merge: ResourceMerge | undefined;
  #nextUnixMs: number;

  /** Throws ComponentError when a detector fails. */
  constructor(machine: Machine, settings: DetectionSettings, tools: StepTools) {
    this.#machine = machine;
    this.#settings = settings;
    this.#tools = tools;
    this.#merge = servicesOf(settings).length === 0 ? this.#detect() : undefined;
    this.#nextUnixMs = this.#nowUnixMs() + settings.refresh_interval;
  }

  /** To be asked for once for each batch. Throws a retryable error where metadata are missing that have to be there. */
  get merge(): ResourceMerge {
    const { refresh_interval } = this.#settings;
    this.#merge ??= this.#detect();
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
    const { attributes, failures } = detect(this.#machine, this.#settings);
    for (const [detector, error] of Object.entries(failures)) {
      if (this.#mustHave(detector))
        throw retryable(`the detector ${detector} found nothing: ${error}`, { code: 'METADATA_MISSING' });
      this.#tools.logger.info('a detector found nothing', { detector, error });
    }
    return new ResourceMerge(attributes, this.#settings.override);
  }

  #mustHave(detector: string): boolean {
    const { fail_on_missing_metadata, ec2 } = this.#settings;
    return fail_on_missing_metadata || (detector === 'ec2' && ec2.fail_on_missing_metadata);
  }

  #nowUnixMs(): number {
    return this.#settings.refresh_interval === 0 ? 0 : Number(this.#tools.nowUnixNano()) / NANOSECONDS_A_MS;
  }
}
