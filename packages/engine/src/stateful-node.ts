import type { DeliveryError, StatefulComponent } from '@millrace/api';
import type { RegionBatch } from './region-batch.ts';
import { otlpPart, type LeafTarget, type Stage } from './stage.ts';

/** A stateful component where it stands: between stages. */
export interface StatefulNode {
  readonly kind: 'processor' | 'connector';
  readonly key: string;
  /** Id of the component. */
  readonly id: string;
  /** What is started, stopped and waited for; batches come through `target`. */
  readonly component: Omit<StatefulComponent, 'consume'>;
  /** Takes what stages put out for it. */
  readonly target: LeafTarget;
}

/** Hands batches to a stage, merged into one; takes them over. */
export async function passOn(stage: Stage, batches: readonly RegionBatch[]): Promise<DeliveryError | undefined> {
  const parts = batches.flatMap((batch) => batch.regions.map((region) => otlpPart(region, batch.context)));
  if (parts.length === 0) return undefined;
  return (await stage.submit(parts)).error;
}
