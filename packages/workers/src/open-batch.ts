import type { OpenBatch, Signal } from '@millrace/api';
import { LogsBatch, MetricsBatch, ProfilesBatch, TracesBatch } from '@millrace/otlp';

/** A batch of its own over chunks that others may use too. */
export function openBatch(signal: Signal, chunks: readonly Uint8Array[]): OpenBatch {
  switch (signal) {
    case 'logs':
      return LogsBatch.of(chunks);
    case 'traces':
      return TracesBatch.of(chunks);
    case 'metrics':
      return MetricsBatch.of(chunks);
    case 'profiles':
      return ProfilesBatch.of(chunks);
  }
}
