import type { Batch, StatefulHost, StatefulProcessor } from '@millrace/api';
import type { Arena } from '@millrace/workers';
import { RegionBatch } from './region-batch.ts';
import { otlpPart, type LeafTarget, type Stage } from './stage.ts';
import type { ProcessorMetrics, ProcessorPlace } from './telemetry/processor-metrics.ts';
import type { StatefulSpec } from './pipeline-graph.ts';

export interface StatefulNodeSettings {
  readonly spec: StatefulSpec;
  /** Everything after the processor. */
  readonly stage: Stage;
  /** Without what only this node can give. */
  readonly host: Omit<StatefulHost, 'next'>;
  readonly arena: Arena;
  readonly metrics: ProcessorMetrics;
}

/** A stateful processor in one pipeline, between two stages. */
export class StatefulNode {
  readonly key: string;
  /** Id of the processor. */
  readonly id: string;
  readonly processor: StatefulProcessor;
  readonly #arena: Arena;
  readonly #metrics: ProcessorMetrics;
  readonly #place: ProcessorPlace;

  constructor(settings: StatefulNodeSettings) {
    const { spec, stage, host, arena } = settings;
    this.#arena = arena;
    this.key = spec.key;
    this.id = spec.component.id;
    const definition = spec.component.definition.stateful as NonNullable<typeof spec.component.definition.stateful>;
    this.#metrics = settings.metrics;
    this.#place = { id: this.id, signal: spec.pipeline.signal, pipeline: spec.pipeline.id };
    const next = (batches: readonly Batch[]) => {
      for (const { items } of batches) this.#metrics.outgoing(this.#place, items);
      return passOn(stage, batches as readonly RegionBatch[]);
    };
    this.processor = definition.create(spec.component.config, { ...host, next });
  }

  readonly target: LeafTarget = {
    consume: (leaf) => {
      this.#metrics.incoming(this.#place, leaf.items);
      return this.processor.consume(RegionBatch.waiting(leaf, this.#arena));
    },
  };
}

async function passOn(stage: Stage, batches: readonly RegionBatch[]): Promise<void> {
  const parts = batches.flatMap((batch) => batch.regions.map((region) => otlpPart(region, batch.context)));
  if (parts.length === 0) return;
  const { error } = await stage.submit(parts);
  if (error !== undefined) throw error;
}
