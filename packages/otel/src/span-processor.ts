import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { type BatchOptions, BatchQueue } from './batch-queue.ts';
import type { Intake } from './intake.ts';
import { encodeSpans } from './signal-encoder.ts';

export interface SpanProcessorOptions extends BatchOptions {
  /** `collector.receiver('app')` */
  readonly receiver: Pick<Intake, 'traces'>;
}

/** Hands ended, sampled spans to a collector in this process, in batches. */
export class MillraceSpanProcessor implements SpanProcessor {
  readonly #queue: BatchQueue<ReadableSpan>;

  constructor({ receiver, ...options }: SpanProcessorOptions) {
    this.#queue = new BatchQueue({
      maxQueueSize: 2_048,
      maxExportBatchSize: 512,
      scheduledDelayMillis: 5_000,
      exportTimeoutMillis: 30_000,
      ...options,
      who: 'MillraceSpanProcessor',
      items: 'spans',
      encode: encodeSpans,
      send: (request) => receiver.traces(request),
    });
  }

  /** Spans that were lost since the start: there was no room, or the collector refused them. */
  get droppedCount(): number {
    return this.#queue.losses.total;
  }

  onStart(): void {
    // Only ended spans are handed over.
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.#queue.add(span);
  }

  /** Resolves when the collector has acknowledged every span that has ended before. */
  forceFlush(): Promise<void> {
    return this.#queue.flush();
  }

  shutdown(): Promise<void> {
    return this.#queue.stop();
  }
}
