import type { Batch, Signal } from '@millrace/api';
import type { DeadLetter, GivenUp, Shipment } from '@millrace/delivery';
import { LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';
import type { Arena } from '@millrace/workers';
import { otlpOf } from './directory-dead-letter.ts';
import { RegionBatch } from './region-batch.ts';

/** Leaves what one component gives up to an exporter, with attributes on each resource that say why. */
export class ExporterDeadLetter implements DeadLetter {
  readonly isLocal = false;
  readonly #component: string;
  readonly #arena: Arena;
  readonly #take: (batch: RegionBatch) => Promise<void>;

  /** `take` takes a batch over, and resolves when the exporter has taken responsibility. */
  constructor(component: string, arena: Arena, take: (batch: RegionBatch) => Promise<void>) {
    this.#component = component;
    this.#arena = arena;
    this.#take = take;
  }

  async keep(load: Shipment | Batch, why: GivenUp): Promise<void> {
    const { signal, context } = load;
    const labelled = labelledWith(signal, otlpOf(load), this.#attributes(why));
    await this.#take(RegionBatch.copied([labelled], { signal, context }, this.#arena));
  }

  #attributes({ error, attempts, firstMs, lastMs }: GivenUp): ReadonlyMap<string, string> {
    return new Map([
      [`${PREFIX}component`, this.#component],
      [`${PREFIX}reason`, error.code],
      [`${PREFIX}message`, error.message],
      [`${PREFIX}attempts`, String(attempts)],
      [`${PREFIX}first_time`, new Date(firstMs).toISOString()],
      [`${PREFIX}last_time`, new Date(lastMs).toISOString()],
    ]);
  }
}

const PREFIX = 'millrace.dead_letter.';

function labelledWith(signal: Signal, bytes: Uint8Array, attributes: ReadonlyMap<string, string>): Uint8Array {
  const batch = openBatch(signal, bytes);
  // The resources of profiles cannot be edited: they go as they are.
  if (batch === undefined) return bytes;
  for (const resource of batch.resources) for (const [key, value] of attributes) resource.attributes.set(key, value);
  return batch.toBytes();
}

function openBatch(signal: Signal, bytes: Uint8Array): LogsBatch | TracesBatch | MetricsBatch | undefined {
  switch (signal) {
    case 'logs':
      return LogsBatch.of([bytes]);
    case 'traces':
      return TracesBatch.of([bytes]);
    case 'metrics':
      return MetricsBatch.of([bytes]);
    case 'profiles':
      return undefined;
  }
}
