import { type Batch, type ClientContext, permanent, type StatefulHost, type StatefulProcessor } from '@millrace/api';
import type { DedupSettings } from './dedup-settings.ts';
import { Deduplicator } from './deduplicator.ts';

/** Keeps the records of senders apart by some of their metadata, which what is passed on keeps. */
export class PartitionedDeduplicator implements StatefulProcessor {
  readonly #settings: DedupSettings;
  readonly #host: StatefulHost;
  readonly #keys: readonly string[];
  readonly #parts = new Map<string, Deduplicator>();
  #isClosing = false;

  constructor(settings: DedupSettings, host: StatefulHost) {
    this.#settings = settings;
    this.#host = host;
    this.#keys = settings.metadata_keys.map((key) => key.toLowerCase()).toSorted();
  }

  get heldItems(): number {
    return [...this.#parts.values()].reduce((sum, part) => sum + part.heldItems, 0);
  }

  consume(batch: Batch): Promise<void> {
    const metadata = this.#metadataOf(batch.context);
    const partition = JSON.stringify(metadata);
    const part = this.#parts.get(partition) ?? this.#add(partition, { metadata });
    if (part !== undefined) return part.consume(batch);
    batch.release();
    return Promise.reject(
      permanent(`processor "${this.#host.id}" already keeps ${this.#parts.size} metadata combinations apart`, {
        code: 'METADATA_CARDINALITY',
      }),
    );
  }

  async shutdown(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#parts.values()].map((part) => part.shutdown()));
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => part.settled()));
  }

  #metadataOf(context: ClientContext | undefined): Record<string, readonly string[]> {
    return Object.fromEntries(this.#keys.map((key) => [key, context?.metadata?.[key] ?? []]));
  }

  #add(partition: string, context: ClientContext): Deduplicator | undefined {
    const { metadata_cardinality_limit: limit } = this.#settings;
    if (limit > 0 && this.#parts.size >= limit) return undefined;
    const part = new Deduplicator(this.#settings, this.#host, context);
    if (this.#isClosing) void part.shutdown();
    this.#parts.set(partition, part);
    return part;
  }
}
