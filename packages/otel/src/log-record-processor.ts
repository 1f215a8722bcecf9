import type { LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import { type BatchOptions, BatchQueue } from './batch-queue.ts';
import type { Intake } from './intake.ts';
import { encodeLogRecords } from './signal-encoder.ts';

export interface LogRecordProcessorOptions extends BatchOptions {
  /** `collector.receiver('app')` */
  readonly receiver: Pick<Intake, 'logs'>;
}

/** Hands log records to a collector in this process, in batches. */
export class MillraceLogRecordProcessor implements LogRecordProcessor {
  readonly #queue: BatchQueue<ReadableLogRecord>;

  constructor({ receiver, ...options }: LogRecordProcessorOptions) {
    this.#queue = new BatchQueue({
      maxQueueSize: 2_048,
      maxExportBatchSize: 512,
      scheduledDelayMillis: 1_000,
      exportTimeoutMillis: 30_000,
      ...options,
      who: 'MillraceLogRecordProcessor',
      items: 'log records',
      encode: encodeLogRecords,
      send: (request) => receiver.logs(request),
    });
  }

  /** Records that were lost since the start: there was no room, or the collector refused them. */
  get droppedCount(): number {
    return this.#queue.losses.total;
  }

  onEmit(record: ReadWriteLogRecord): void {
    this.#queue.add(record);
  }

  /** Resolves when the collector has acknowledged every record that was emitted before. */
  forceFlush(): Promise<void> {
    return this.#queue.flush();
  }

  shutdown(): Promise<void> {
    return this.#queue.stop();
  }
}
