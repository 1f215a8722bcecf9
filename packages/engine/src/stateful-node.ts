import type { Batch, DeliveryError, StatefulComponent } from '@millrace/api';
import type { Part } from '@millrace/workers';
import type { BatchHolder } from './batch-holder.ts';
import type { Guarantee } from './guarantee.ts';
import { RegionBatch } from './region-batch.ts';
import { asDeliveryError, otlpPart, type LeafTarget, type Stage } from './stage.ts';

/** A stateful component where it stands: between stages. */
export interface StatefulNode {
  readonly kind: 'processor' | 'connector';
  readonly key: string;
  /** Id of the component. */
  readonly id: string;
  /** What it was told of everything behind it. */
  readonly guarantee: Guarantee;
  /** What is started, stopped and waited for; batches come through `target`. */
  readonly component: Omit<StatefulComponent, 'consume'>;
  /** Counts what `target` has given it. */
  readonly holder: BatchHolder;
  /** Takes what stages put out for it. */
  readonly target: LeafTarget;
  /** Passes on to other stages from now on; by pipeline. */
  follow(stages: ReadonlyMap<string, Stage>): void;
}

/** What a component has called `next` with. @throws {TypeError} where that is no list of the host's batches */
export function batchesIn(given: readonly Batch[]): readonly RegionBatch[] {
  if (!Array.isArray(given)) throw new TypeError('next() takes a list of batches: next([batch])');
  if (given.every((batch) => batch instanceof RegionBatch)) return given;
  throw new TypeError('next() takes batches that consume() was given, or that split(), share() or makeBatch() made');
}

/** Hands batches to a stage, merged into one; takes them over. */
export async function passOn(stage: Stage, batches: readonly RegionBatch[]): Promise<DeliveryError | undefined> {
  const parts: Part[] = [];
  try {
    for (const batch of batches) parts.push(...batch.take().map((region) => otlpPart(region, batch.context)));
  } catch (error) {
    for (const { region } of parts) region.release();
    return asDeliveryError(error);
  }
  if (parts.length === 0) return undefined;
  return (await stage.submit(parts)).error;
}
