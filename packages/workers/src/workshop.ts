import { ComponentError, DeliveryError, messageOf, permanent } from '@millrace/api';
import type { Logger } from '@millrace/api';
import { Grinder } from './grind.ts';
import type { JobSpec } from './mill.ts';
import type { Plan } from './plan.ts';
import { describe } from './run.ts';
import { buildPlan, findDefinition } from './steps.ts';
import type { BuiltPlan } from './steps.ts';
import { Tally } from './tally.ts';
import { VitalsRow } from './vitals.ts';

export interface WorkshopSettings {
  readonly plans: readonly Plan[];
  /** Whether output buffers are for another thread to read. */
  readonly shared: boolean;
  readonly loggerOf: (id: string) => Logger;
  /** Milliseconds since 1970; the system's time by default. */
  readonly now?: () => number;
}

/** Everything that one thread needs for its work: plans with their steps, and the jobs of exporters. */
export class Workshop {
  readonly plans: readonly BuiltPlan[];
  readonly grinder: Grinder;

  private constructor(plans: readonly BuiltPlan[], grinder: Grinder) {
    this.plans = plans;
    this.grinder = grinder;
  }

  /** @throws {ComponentError} that names the step that cannot be made. */
  static async open(settings: WorkshopSettings): Promise<Workshop> {
    const tally = new Tally();
    const around = { tally, loggerOf: settings.loggerOf, now: settings.now ?? Date.now };
    const plans: BuiltPlan[] = [];
    for (const plan of settings.plans) plans.push(await buildPlan(plan, around));
    const makeBuffer = (length: number) => (settings.shared ? new SharedArrayBuffer(length) : new ArrayBuffer(length));
    return new Workshop(plans, new Grinder({ tally, vitals: new VitalsRow(), makeBuffer }));
  }

  /** Runs a job of an exporter. @throws {DeliveryError} permanent if the job's function throws anything else. */
  async run(job: JobSpec, input: Uint8Array, params: unknown): Promise<Uint8Array> {
    const definition = await findDefinition(job.module, 'exporter', job.type);
    const work = definition.jobs?.[job.job] as ((input: Uint8Array, params: unknown) => unknown) | undefined;
    if (work === undefined) {
      throw new ComponentError(`exporter "${job.type}" has no job "${job.job}"`, { code: 'JOB_UNKNOWN' });
    }
    try {
      const output = work(input, params);
      if (output instanceof Uint8Array) return output;
      throw new TypeError(`it returned ${describe(output)}, not bytes`);
    } catch (error) {
      if (error instanceof DeliveryError) throw error;
      throw permanent(`job "${job.job}" of exporter "${job.type}" failed: ${messageOf(error)}`, {
        code: 'JOB_FAILED',
        cause: error,
      });
    }
  }
}
