import { type Batch, type ClientContext, retryable, type StatefulHost, type StatefulProcessor } from '@millrace/api';
import { Batcher, type BatcherSettings } from './batcher.ts';

export interface PartitionSettings extends BatcherSettings {
  readonly metadata_keys: readonly string[];
  readonly metadata_cardinality_limit: number;
}

/** One batcher for each combination of values of some client metadata. */
export class PartitionedBatcher implements StatefulProcessor {
  readonly #settings: PartitionSettings;
  readonly #host: StatefulHost;
  readonly #keys: readonly string[];
  readonly #batchers = new Map<string, Batcher>();
  #closing = false;

  constructor(settings: PartitionSettings, host: StatefulHost) {
    this.#settings = settings;
    this.#host = host;
    this.#keys = settings.metadata_keys.map((key) => key.toLowerCase()).toSorted();
    host.telemetry.gauge(
      'processor_batch_metadata_cardinality',
      {
        description: 'Number of distinct metadata value combinations being processed',
        unit: '{combinations}',
        labels: { processor: host.id },
      },
      () => this.#batchers.size,
    );
  }

  get heldItems(): number {
    return [...this.#batchers.values()].reduce((sum, batcher) => sum + batcher.heldItems, 0);
  }

  consume(batch: Batch): Promise<void> {
    const partition = JSON.stringify(this.#valuesOf(batch.context));
    const batcher = this.#batchers.get(partition) ?? this.#add(partition);
    if (batcher !== undefined) return batcher.consume(batch);
    batch.release();
    return Promise.reject(
      retryable(`processor "${this.#host.id}" already keeps ${this.#batchers.size} metadata combinations apart`, {
        code: 'METADATA_CARDINALITY',
      }),
    );
  }

  async shutdown(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#batchers.values()].map((batcher) => batcher.shutdown()));
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#batchers.values()].map((batcher) => batcher.settled()));
  }

  #valuesOf(context: ClientContext | undefined): (readonly string[])[] {
    return this.#keys.map((key) => context?.metadata?.[key] ?? []);
  }

  #add(partition: string): Batcher | undefined {
    const { metadata_cardinality_limit: limit } = this.#settings;
    if (limit > 0 && this.#batchers.size >= limit) return undefined;
    const batcher = new Batcher(this.#settings, this.#host);
    if (this.#closing) void batcher.shutdown();
    this.#batchers.set(partition, batcher);
    return batcher;
  }
}
