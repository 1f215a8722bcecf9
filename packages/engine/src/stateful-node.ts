import type { Batch, StatefulHost, StatefulProcessor } from '@millrace/api';
import { RegionBatch } from './region-batch.ts';
import { otlpPart, type LeafTarget, type Stage } from './stage.ts';
import type { StatefulSpec } from './pipeline-graph.ts';

export interface StatefulNodeSettings {
  readonly spec: StatefulSpec;
  /** Everything after the processor. */
  readonly stage: Stage;
  /** Without what only this node can give. */
  readonly host: Omit<StatefulHost, 'next'>;
}

/** A stateful processor in one pipeline, between two stages. */
export class StatefulNode {
  readonly key: string;
  /** Id of the processor. */
  readonly id: string;
  readonly processor: StatefulProcessor;

  constructor(settings: StatefulNodeSettings) {
    const { spec, stage, host } = settings;
    this.key = spec.key;
    this.id = spec.component.id;
    const definition = spec.component.definition.stateful as NonNullable<typeof spec.component.definition.stateful>;
    const next = (batches: readonly Batch[]) => passOn(stage, batches as readonly RegionBatch[]);
    this.processor = definition.create(spec.component.config, { ...host, next });
  }

  readonly target: LeafTarget = {
    consume: (leaf) => this.processor.consume(new RegionBatch(leaf)),
  };
}

async function passOn(stage: Stage, batches: readonly RegionBatch[]): Promise<void> {
  const parts = batches.flatMap((batch) => batch.regions.map((region) => otlpPart(region, batch.context)));
  if (parts.length === 0) return;
  const { error } = await stage.submit(parts);
  if (error !== undefined) throw error;
}
