import type { Batch, StatefulHost, StatefulProcessor } from '@millrace/api';
import { isForNow } from '@millrace/delivery';
import type { Arena } from '@millrace/workers';
import type { BatchHolder } from './batch-holder.ts';
import type { Guarantee } from './guarantee.ts';
import type { StatefulProcessorSpec } from './pipeline-graph.ts';
import { RegionBatch } from './region-batch.ts';
import type { LeafTarget, Stage } from './stage.ts';
import { batchesIn, passOn, type StatefulNode } from './stateful-node.ts';
import type { ProcessorMetrics, ProcessorPlace } from './telemetry/processor-metrics.ts';

export interface ProcessorNodeSettings {
  readonly spec: StatefulProcessorSpec;
  /** Everything after the processor. */
  readonly stage: Stage;
  /** Without what only this node can give. */
  readonly host: Omit<StatefulHost, 'next'>;
  readonly arena: Arena;
  readonly holder: BatchHolder;
  readonly metrics: ProcessorMetrics;
}

/** A stateful processor in one pipeline. */
export class ProcessorNode implements StatefulNode {
  readonly kind = 'processor';
  readonly key: string;
  readonly id: string;
  readonly component: StatefulProcessor;
  readonly guarantee: Guarantee;
  readonly holder: BatchHolder;
  #stage: Stage;
  readonly #arena: Arena;
  readonly #metrics: ProcessorMetrics;
  readonly #place: Required<ProcessorPlace>;

  constructor(settings: ProcessorNodeSettings) {
    const { spec, stage, host, arena } = settings;
    this.#stage = stage;
    this.#arena = arena;
    this.holder = settings.holder;
    this.guarantee = host.guarantee;
    this.key = spec.key;
    this.id = spec.component.id;
    const definition = spec.component.definition.stateful as NonNullable<typeof spec.component.definition.stateful>;
    this.#metrics = settings.metrics;
    this.#place = { id: this.id, signal: spec.pipeline.signal, pipeline: spec.pipeline.id };
    const next = async (given: readonly Batch[]) => {
      const batches = batchesIn(given);
      const items = batches.reduce((sum, batch) => sum + batch.items, 0);
      const error = await passOn(this.#stage, batches);
      // Where senders were answered, the processor itself passes on again what was refused for now: it is not out yet.
      const comesAgain = host.guarantee === 'memory' && error !== undefined && isForNow(error);
      if (!comesAgain) this.#metrics.outgoing(this.#place, items);
      if (error !== undefined) throw error;
    };
    this.component = definition.create(spec.component.config, { ...host, next });
  }

  follow(stages: ReadonlyMap<string, Stage>): void {
    this.#stage = stages.get(this.#place.pipeline) as Stage;
  }

  readonly target: LeafTarget = {
    consume: async (leaf, { asksAgain } = { asksAgain: false }) => {
      if (!asksAgain) this.#metrics.incoming(this.#place, leaf.items);
      await this.holder.give(this.component, RegionBatch.waiting(leaf, this.#arena, this.holder));
      // Not each time that it was asked in vain.
      if (asksAgain) this.#metrics.incoming(this.#place, leaf.items);
    },
  };
}
