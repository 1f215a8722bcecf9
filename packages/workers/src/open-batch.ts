import type { OpenBatch, Signal } from '@millrace/api';
import type { BatchOptions } from '@millrace/otlp';
import { LogsBatch, MetricsBatch, ProfilesBatch, TracesBatch } from '@millrace/otlp';

/** A batch of its own over chunks that others may use too. */
export function openBatch(signal: Signal, chunks: readonly Uint8Array[], options?: BatchOptions): OpenBatch {
  switch (signal) {
    case 'logs':
      return LogsBatch.of(chunks, options);
    case 'traces':
      return TracesBatch.of(chunks, options);
    case 'metrics':
      return MetricsBatch.of(chunks, options);
    case 'profiles':
      return ProfilesBatch.of(chunks, options);
  }
}
