import { type Batch, type ConnectorHost, type DeliveryError, permanent, type StatefulConnector } from '@millrace/api';
import type { DeadLetter } from '@millrace/delivery';
import type { Arena } from '@millrace/workers';
import type { BatchHolder } from './batch-holder.ts';
import { ConnectorQueue, queueOf } from './connector-queue.ts';
import type { Guarantee } from './guarantee.ts';
import type { StatefulConnectorSpec } from './pipeline-graph.ts';
import { RegionBatch } from './region-batch.ts';
import { type LeafTarget, type Stage, worstOf } from './stage.ts';
import { batchesIn, passOn, type StatefulNode } from './stateful-node.ts';
import type { ConnectorMetrics, ConnectorPlace } from './telemetry/connector-metrics.ts';

export interface ConnectorNodeSettings {
  readonly spec: StatefulConnectorSpec;
  /** By receiving pipeline. */
  readonly stages: ReadonlyMap<string, Stage>;
  /** Without what only this node can give. */
  readonly host: Omit<ConnectorHost, 'from' | 'to' | 'pipelines' | 'next' | 'makeBatch'>;
  readonly arena: Arena;
  readonly holder: BatchHolder;
  readonly metrics: ConnectorMetrics;
  /** How long a queue may take to empty when the collector ends. */
  readonly drainMs: number;
  /** Values in [0, 1). */
  readonly random: () => number;
  /** Takes what a connector with a queue has accepted and all pipelines refuse for good. */
  readonly deadLetter: DeadLetter | undefined;
}

/** A stateful connector between all pipelines of one signal that end in it and all of another that begin with it. */
export class ConnectorNode implements StatefulNode {
  readonly kind = 'connector';
  readonly key: string;
  readonly id: string;
  readonly component: Omit<StatefulConnector, 'consume'>;
  readonly target: LeafTarget;
  readonly guarantee: Guarantee;
  readonly holder: BatchHolder;
  #stages: ReadonlyMap<string, Stage>;
  readonly #metrics: ConnectorMetrics;
  readonly #place: ConnectorPlace;

  constructor(settings: ConnectorNodeSettings) {
    const { spec, host, stages, holder } = settings;
    const { component, from, to } = spec;
    this.key = spec.key;
    this.id = component.id;
    this.holder = holder;
    this.#stages = stages;
    this.guarantee = host.guarantee;
    this.#metrics = settings.metrics;
    this.#place = { id: this.id, from, to };
    const definition = component.definition.stateful as NonNullable<typeof component.definition.stateful>;
    const connector = definition.create(component.config, {
      ...host,
      from,
      to,
      pipelines: [...stages.keys()],
      next: (batches, pipelines) => this.#next(batches, pipelines),
      makeBatch: (chunks, source) =>
        RegionBatch.copied(chunks, { signal: to, context: source?.context }, settings.arena),
    });
    // What is made into something else at once needs no copy that may wait.
    const mayWait = definition.acknowledges === 'delivered';
    const direct: LeafTarget = {
      consume: (leaf) =>
        holder.give(
          connector,
          mayWait ? RegionBatch.waiting(leaf, settings.arena, holder) : new RegionBatch({ ...leaf, holder }),
        ),
    };
    const queue = queueOf(component);
    if (queue === undefined) {
      this.component = connector;
      this.target = this.#counted(direct);
    } else {
      const { arena, drainMs, random, deadLetter } = settings;
      const around = { arena, holder, drainMs, random, deadLetter };
      const queued = new ConnectorQueue({ host, signal: from, queue, component: connector, ...around });
      this.component = queued;
      this.target = this.#counted(queued.target);
    }
  }

  follow(stages: ReadonlyMap<string, Stage>): void {
    this.#stages = stages;
  }

  #counted(target: LeafTarget): LeafTarget {
    return {
      consume: async (leaf, manner = { asksAgain: false }) => {
        const { items } = leaf;
        if (!manner.asksAgain) this.#metrics.consumed(this.#place, items);
        await target.consume(leaf, manner);
        // Not each time that it was asked in vain.
        if (manner.asksAgain) this.#metrics.consumed(this.#place, items);
      },
    };
  }

  async #next(given: readonly Batch[], pipelines: readonly string[] = [...this.#stages.keys()]): Promise<void> {
    const batches = batchesIn(given);
    const passing = pipelines.map((pipeline) => this.#pass(batches, pipeline));
    for (const batch of batches) batch.release();
    const error = worstOf(await Promise.all(passing));
    if (error !== undefined) throw error;
  }

  /** Leaves the batches to their holder. */
  async #pass(batches: readonly RegionBatch[], pipeline: string): Promise<DeliveryError | undefined> {
    const stage = this.#stages.get(pipeline);
    if (stage === undefined) {
      const message = `connector "${this.id}" passes data to "${pipeline}", which does not receive from it`;
      return permanent(message, { code: 'PIPELINE_UNKNOWN' });
    }
    const items = batches.reduce((sum, batch) => sum + batch.items, 0);
    const error = await passOn(
      stage,
      batches.map((batch) => batch.share()),
    );
    if (error === undefined) this.#metrics.produced(this.#place, pipeline, items);
    return error;
  }
}
