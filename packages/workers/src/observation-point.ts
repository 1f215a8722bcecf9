import type { Signal } from '@millrace/api';
import type { Branch, Plan, StepSpec } from './plan.ts';

/** A place in a plan at which batches can be looked at. */
export interface ObservationPoint {
  /** Unique within its plan, the same in every thread: see {@link branchKey}, {@link stepKey} and {@link leafKey}. */
  readonly key: string;
  /**
   * `branch`: what comes into a pipeline; `transform` and `junction`: what goes into a step and what comes out of it;
   * `leaf`: what an exporter or a stateful component gets, before it is encoded.
   */
  readonly place: 'branch' | 'transform' | 'junction' | 'leaf';
  /** The pipeline that it is in. */
  readonly pipeline: string;
  readonly signal: Signal;
  /** Id of the step's component; of a leaf, of the exporter whose encoder follows, where one does. */
  readonly component: string | undefined;
  /** Index of a leaf. */
  readonly leaf: number | undefined;
}

/** By position in the order in which the branches of a plan are written down. */
export function branchKey(index: number): string {
  return `branch:${index}`;
}

/** By ordinal, as in `stepsOf`. */
export function stepKey(ordinal: number): string {
  return `step:${ordinal}`;
}

export function leafKey(leaf: number): string {
  return `leaf:${leaf}`;
}

/** All places of a plan, in the order in which data passes them. */
export function observationPoints(plan: Plan): readonly ObservationPoint[] {
  const points: ObservationPoint[] = [];
  let ordinal = plan.decoder === undefined ? 0 : 1;
  let branches = 0;
  const visit = (branch: Branch) => {
    const { pipeline, signal, transforms, outputs } = branch;
    const none = { pipeline, signal, component: undefined, leaf: undefined };
    points.push({ ...none, key: branchKey(branches++), place: 'branch' });
    const step = (place: 'transform' | 'junction', { id }: StepSpec) =>
      points.push({ ...none, key: stepKey(ordinal++), place, component: id });
    for (const transform of transforms) step('transform', transform);
    for (const output of outputs) {
      if (output.to === 'junction') {
        step('junction', output.junction);
        for (const behind of output.branches) visit(behind);
        continue;
      }
      const { leaf, encoder } = output;
      points.push({ ...none, key: leafKey(leaf), place: 'leaf', component: encoder?.id, leaf });
      if (encoder !== undefined) ordinal++;
    }
  };
  for (const branch of plan.branches) visit(branch);
  return points;
}
