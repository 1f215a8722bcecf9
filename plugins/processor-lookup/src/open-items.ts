import type { Batch, Signal } from '@millrace/api';
import { LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';
import type { Item } from './lookup-rule.ts';

/** A batch whose items can be gone through, again and again. */
export interface OpenItems {
  /** Begins a loop; what earlier ones changed and dropped counts. */
  items(): Iterable<Item>;
  /** Undefined where nothing has changed; else a copy of what there is now, empty when all is dropped. */
  changed(): Uint8Array | undefined;
}

export const SIGNALS: readonly Signal[] = ['logs', 'traces', 'metrics'];

/** The batch's bytes must stay as they are while its items are used. */
export function openItems({ signal, chunks }: Batch): OpenItems {
  switch (signal) {
    case 'logs': {
      const batch = LogsBatch.of(chunks);
      return { items: () => batch.records, changed: () => changesOf(batch, chunks) };
    }
    case 'traces': {
      const batch = TracesBatch.of(chunks);
      return { items: () => batch.spans, changed: () => changesOf(batch, chunks) };
    }
    case 'metrics': {
      const batch = MetricsBatch.of(chunks);
      return { items: () => batch.dataPoints, changed: () => changesOf(batch, chunks) };
    }
    case 'profiles':
      throw new Error('profiles have no items that can be changed');
  }
}

function changesOf(
  batch: { readonly chunks: readonly Uint8Array[]; toBytes(): Uint8Array },
  before: readonly Uint8Array[],
): Uint8Array | undefined {
  const after = batch.chunks;
  const isSame = after.length === before.length && after.every((chunk, index) => isView(chunk, before[index]));
  return isSame ? undefined : batch.toBytes();
}

/** Chunks that nobody edits stay where they are. */
function isView(chunk: Uint8Array, original: Uint8Array): boolean {
  return (
    chunk.buffer === original.buffer && chunk.byteOffset === original.byteOffset && chunk.length === original.length
  );
}
