import type { Clock, Logger, Signal } from '@millrace/api';
import type { Arena } from './arena.ts';
import type { IsolatedPlugin } from './isolation/isolated-plugin.ts';
import type { StepSpec } from './plan.ts';

export interface MillSettings {
  /** Size of the pool; 0 runs everything on the calling thread. */
  readonly threads: number;
  /** Heap limit of each worker, in mebibytes. A step that needs more ends its worker. */
  readonly heapMb: number;
  /** A run that takes longer ends its worker. Not enforced without workers. */
  readonly deadlineMs: number;
  /** Must be shared where there are workers. */
  readonly arena: Arena;
  readonly logger: Logger;
  /** Plugins whose steps run on workers of their own, beside the pool. The arena must be shared then. */
  readonly isolated?: readonly IsolatedPlugin[];
  /** Times the pauses between deaths of workers; the system's by default. */
  readonly clock?: Pick<Clock, 'after' | 'monotonic'>;
  /** What steps that run on the calling thread take for the time, in milliseconds since 1970; the system's by default. */
  readonly now?: () => number;
  /** Called after each grind, for metrics. */
  onGrind?(report: GrindReport): void;
}

export interface GrindReport {
  readonly planId: string;
  readonly parts: number;
  readonly inputBytes: number;
  /** From submission to the start of the (last) run. */
  readonly waitMs: number;
  /** Time that the steps took. */
  readonly busyMs: number;
  /** What each of them took; the engine's own work (validating, copying) is in none. */
  readonly costs: readonly StepCost[];
  /** What steps threw, one for each part that failed. */
  readonly failures: readonly StepFault[];
}

/** Something that a step threw and did not mean to. */
export interface StepFault {
  readonly message: string;
  /** Where in the plugin, `file:line:column`. */
  readonly at: string;
}

export interface StepCost {
  /** Of the component. */
  readonly id: string;
  readonly role: StepSpec['role'];
  readonly signal: Signal;
  /** Empty for decoders, which are in front of all pipelines. */
  readonly pipeline: string;
  /** Items that it was given; 0 for decoders. */
  readonly items: number;
  /** Time that it had its thread: CPU time, unless the machine is busy with something else. */
  readonly busyMs: number;
}
