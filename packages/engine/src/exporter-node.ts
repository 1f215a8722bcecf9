import type { Batch, ExporterHost, Sink } from '@millrace/api';
import type { ResolvedComponent } from '@millrace/config';
import { createDelivery, type Delivery, type DeliverySettings, type Shipment } from '@millrace/delivery';
import type { Arena, LeafBatch, Mill, Region } from '@millrace/workers';
import type { Guarantee } from './guarantee.ts';
import { RegionBatch } from './region-batch.ts';
import type { LeafTarget } from './stage.ts';
import { splitBatch } from './split-batch.ts';

export interface ExporterNodeSettings {
  readonly component: ResolvedComponent<'exporter'>;
  readonly host: ExporterHost;
  readonly mill: Mill;
  readonly arena: Arena;
}

/** One exporter with what the engine puts around it; shared by all pipelines that end in it. */
export class ExporterNode {
  readonly id: string;
  readonly #settings: ExporterNodeSettings;
  readonly #sink: Sink;
  readonly delivery: Delivery;

  constructor(settings: ExporterNodeSettings) {
    const { component, host } = settings;
    this.id = component.id;
    this.#settings = settings;
    this.#sink = component.definition.create(component.config, host);
    this.delivery = createDelivery({
      id: component.id,
      settings: component.config as DeliverySettings,
      sink: this.#sink,
      clock: host.clock,
      random: Math.random,
      logger: host.logger,
      telemetry: host.telemetry,
      encode: (batches, limits) => this.#encode(batches, limits),
      onStatus: (status, message) => host.reportStatus(status, message),
    });
  }

  /** What it means that this exporter took a batch. */
  get guarantee(): Guarantee {
    return this.#sink.guarantee === 'memory' ? 'memory' : this.delivery.guarantee;
  }

  async start(): Promise<void> {
    await this.#sink.start?.();
    this.delivery.start();
  }

  /** Drains what waits, until the deadline (on the host's monotonic clock). Says how many items were left behind. */
  async shutdown(deadline: number): Promise<{ readonly leftItems: number }> {
    const left = await this.delivery.shutdown({ deadline });
    await this.#sink.shutdown?.();
    return left;
  }

  /** Takes what stages put out for this exporter. */
  readonly target: LeafTarget = {
    consume: (leaf) => this.delivery.consume(this.delivery.batches ? new RegionBatch(leaf) : shipmentOf(leaf)),
  };

  /** Merges and encodes what waited in the queue. Takes the batches over. */
  async #encode(batches: readonly Batch[], limits: { maxItems?: number; maxBytes?: number }): Promise<Shipment[]> {
    const pieces = batches.flatMap((batch) => splitBatch(batch as RegionBatch, limits, this.#settings.arena));
    const signal = pieces[0]?.signal;
    if (signal === undefined) return [];
    const parts = pieces.flatMap((piece) =>
      piece.regions.map((region) => ({ region, form: undefined, context: piece.context })),
    );
    try {
      const plan = `encode:${this.id}/${signal}`;
      const result = await this.#settings.mill.grind(plan, parts, { priority: 'normal' });
      const failed = result.parts.find((part) => part.error !== undefined);
      if (failed?.error !== undefined) {
        for (const leaf of result.leaves) for (const region of leaf.regions) region.release();
        throw failed.error;
      }
      return result.leaves.map(shipmentOf);
    } finally {
      for (const part of parts) part.region.release();
    }
  }
}

function shipmentOf(leaf: LeafBatch): Shipment {
  // Leaves of exporters are asked for in one piece.
  const region = leaf.regions[0] as Region;
  return {
    signal: leaf.signal,
    items: leaf.items,
    bytes: region.bytes.length,
    payload: region.bytes,
    context: leaf.context,
    release: () => region.release(),
  };
}
