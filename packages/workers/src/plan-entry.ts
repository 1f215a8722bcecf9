import type { Logger } from '@millrace/api';
import { edgesOf, stepsOf } from './steps.ts';
import type { PlannedEdge, PlannedStep } from './steps.ts';
import type { Plan } from './plan.ts';
import { PlanObservers } from './plan-observers.ts';
import type { Capture, GrindLook, ObserveOptions } from './plan-observers.ts';

/** The plans of a mill, by id. */
export class PlanEntries {
  readonly #byId: ReadonlyMap<string, PlanEntry>;

  constructor(plans: readonly Plan[]) {
    this.#byId = new Map(plans.map((plan, index) => [plan.id, new PlanEntry(plan, index)]));
  }

  get(planId: string): PlanEntry {
    const entry = this.#byId.get(planId);
    if (entry === undefined) throw new Error(`the mill was not given a plan "${planId}"`);
    return entry;
  }
}

/** A plan as the main thread knows it. */
export class PlanEntry {
  readonly plan: Plan;
  /** By ordinal. */
  readonly steps: readonly PlannedStep[];
  /** By index of branches. */
  readonly edges: readonly (PlannedEdge | undefined)[];
  /** What workers call it. */
  readonly index: number;
  /**
   * Bytes written for each byte read: a decaying maximum, as an overflow costs more than room. For one part, which may leave as
   * it came, and for several, which are merged.
   */
  readonly #ratios: [number, number] = [1, 1];
  #observers: PlanObservers | undefined;

  constructor(plan: Plan, index: number) {
    this.plan = plan;
    this.index = index;
    this.steps = stepsOf(plan);
    this.edges = edgesOf(plan);
  }

  /** Has somebody look at grinds; the result ends it. */
  observe(options: ObserveOptions, onCapture: (capture: Capture) => void, logger: Logger): () => void {
    const observers = (this.#observers ??= new PlanObservers(this.plan, logger));
    const stop = observers.add(options, onCapture);
    return () => {
      stop();
      if (observers.isEmpty && this.#observers === observers) this.#observers = undefined;
    };
  }

  /** What the next grind is to be looked at for; undefined where nobody looks. */
  look(): GrindLook | undefined {
    return this.#observers?.order();
  }

  /** How much room for outputs a grind over so many bytes in so many parts is given. */
  outputEstimate(inputBytes: number, parts: number): number {
    const ratio = this.#ratios[parts > 1 ? 1 : 0];
    return Math.min(Math.ceil(inputBytes * ratio * MARGIN) + ESTIMATE_BYTES_MIN, ESTIMATE_BYTES_MAX);
  }

  learn(inputBytes: number, parts: number, writtenBytes: number): void {
    if (inputBytes < LEARN_BYTES_MIN) return;
    const kind = parts > 1 ? 1 : 0;
    const before = this.#ratios[kind];
    const ratio = writtenBytes / inputBytes;
    this.#ratios[kind] = ratio > before ? ratio : before * 0.95 + ratio * 0.05;
  }
}

const MARGIN = 1.125;
const ESTIMATE_BYTES_MIN = 2048;
/** More than this in one piece is left to the worker to make. */
const ESTIMATE_BYTES_MAX = 64 * 1024 * 1024;
/** Headers distort the ratio of tiny inputs. */
const LEARN_BYTES_MIN = 1024;
