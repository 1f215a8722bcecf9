import type { ExporterDefinition, ExporterHost } from '@millrace/api';
import { FakeHost, type FakeHostSettings } from './fake-host.ts';

/** An exporter's host; jobs run in place, as they do where there are no workers. */
export class FakeExporterHost extends FakeHost implements ExporterHost {
  readonly #jobs: NonNullable<ExporterDefinition['jobs']>;

  constructor(jobs: ExporterDefinition['jobs'] = {}, settings: FakeHostSettings = {}) {
    super(settings);
    this.#jobs = jobs;
  }

  readonly run = async (job: string, input: Uint8Array, params: unknown): Promise<Uint8Array> => {
    const found = this.#jobs[job];
    if (found === undefined) throw new Error(`the exporter's definition has no job "${job}"`);
    // The parameters go to a worker, and the result is the caller's to keep.
    return Uint8Array.from(found(input, structuredClone(params) as never));
  };
}
