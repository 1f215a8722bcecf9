import type { ClientContext, DeliveryError, Signal } from '@millrace/api';
import type { PluginStats } from './isolation/isolated-plugin.ts';
import type { Plan } from './plan.ts';
import type { Capture, ObserveOptions } from './plan-observers.ts';
import type { Region } from './arena.ts';

/** Runs grinds: on a pool of workers, or in place when it has none. The results are byte-identical. */
export interface Mill {
  /** Makes the plans ready everywhere; a step that cannot be built throws a ComponentError that names it. */
  start(plans: readonly Plan[]): Promise<void>;
  /**
   * Runs a plan over parts. Never rejects for bad input or a failing step: each part has its own outcome. The caller
   * keeps the parts' regions; the leaves' regions are new or shared, and the caller's to release.
   */
  grind(planId: string, parts: readonly Part[], options: GrindOptions): Promise<GrindResult>;
  /** Runs a job of an exporter's definition. */
  run(job: JobSpec, input: Uint8Array, params: unknown): Promise<Uint8Array>;
  /**
   * Has somebody look at what passes points of a plan, in grinds from now on; the result ends it. Captures come before the
   * result of their grind does. Grinds never wait for it: what is beyond the limits is not looked at. A worker that dies
   * takes its captures with it, and the next one is looked at like the others.
   * @throws {RangeError} for a point that the plan does not have.
   */
  observe(options: ObserveOptions, onCapture: (capture: Capture) => void): () => void;
  /** Resolves when it has come to this request, before all others; the sign that it works. */
  ping(): Promise<void>;
  readonly stats: MillStats;
  /** Waits for running grinds, then ends the workers. */
  shutdown(): Promise<void>;
}

export interface GrindOptions {
  readonly priority: Priority;
  /** Whoever asks tries again in another way when something fails: what kills workers is not looked for. */
  readonly isTrial?: boolean;
}

export type Priority = 'high' | 'normal' | 'backlog';

/** One payload, or one batch that a stateful step passes on. */
export interface Part {
  readonly region: Region;
  /** What the decoder is told; undefined where the plan has none. */
  readonly form: unknown;
  readonly context: ClientContext | undefined;
}

export interface GrindResult {
  /** One for each part, in order. */
  readonly parts: readonly PartOutcome[];
  /**
   * What each leaf gets; empty batches are left out. More than one for a leaf where contexts are kept apart, or where
   * parts did not go through the steps together: what comes from outside is merged only up to a limit.
   */
  readonly leaves: readonly LeafBatch[];
  /** Items into and out of each transform, for the metrics. */
  readonly steps: readonly StepCount[];
  /** What steps counted through `tools.count`. */
  readonly counts: readonly { readonly id: string; readonly name: string; readonly value: number }[];
  /** Time that the steps took, in milliseconds, without waiting. */
  readonly busyMs: number;
}

/**
 * Without `error`, everything is in the leaves. With it, `failedItems` were isolated because a step failed on them, and
 * the others are in the leaves. Nothing of the part was taken where `failedItems` equals `items`; both are 0 where the
 * part could not even be decoded.
 */
export interface PartOutcome {
  /** Items that the part held, as far as they could be counted. */
  readonly items: number;
  readonly failedItems: number;
  readonly error: DeliveryError | undefined;
  /** Positions of items that workers died over, where they were told apart; `to` is the one behind the last. */
  readonly killers?: readonly { readonly from: number; readonly to: number }[];
}

export interface LeafBatch {
  readonly leaf: number;
  readonly signal: Signal;
  /** The encoder's result, or OTLP chunks. */
  readonly regions: readonly Region[];
  readonly items: number;
  readonly context: ClientContext | undefined;
  /** Indices of the parts that these items may come from, rising. Others have nothing in it. */
  readonly parts: readonly number[];
}

/** Of a processor in its pipeline, or of a connector, for each pipeline that receives from it. */
export interface StepCount {
  readonly id: string;
  readonly signal: Signal;
  /** Of connectors only: what the receiving pipeline gets. Of several of one signal, only the first has what came in. */
  readonly to?: Signal;
  readonly pipeline: string;
  readonly incoming: number;
  readonly outgoing: number;
}

/** A job is named by the module that defines it, so that workers can import it. */
export interface JobSpec {
  readonly module: string;
  readonly type: string;
  readonly job: string;
}

export interface MillStats {
  /** Pool size; 0 inline. */
  readonly threads: number;
  readonly running: number;
  readonly waiting: number;
  /** Share of the pool's time that went into grinds since the last reading, 0 to 1. */
  utilisation(): number;
  readonly workersLost: number;
  /** Plugins with a worker of their own. */
  readonly plugins: readonly PluginStats[];
}
