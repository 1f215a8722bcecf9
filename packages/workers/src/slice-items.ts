import type { OpenBatch, Signal } from '@millrace/api';
import { countItems } from '@millrace/otlp';
import { openBatch } from './open-batch.ts';

/**
 * What is left of data when all items but those from `from` up to `to` are dropped; unlike pieces of a split, in as few
 * chunks as there were. Profiles refer to each other through their dictionary: only all or none can be taken.
 */
export function sliceItems(signal: Signal, chunks: readonly Uint8Array[], from: number, to: number): Uint8Array[] {
  const batch = openBatch(signal, chunks);
  if (batch.signal === 'profiles') return from === 0 ? [...chunks] : [];
  let index = 0;
  for (const item of itemsOf(batch)) {
    if (index < from || index >= to) item.drop();
    index++;
  }
  return batch.chunks.filter((chunk) => countItems(signal, chunk) > 0);
}

function itemsOf(batch: Exclude<OpenBatch, { readonly signal: 'profiles' }>): Iterable<{ drop(): void }> {
  switch (batch.signal) {
    case 'logs':
      return batch.records;
    case 'traces':
      return batch.spans;
    case 'metrics':
      return batch.dataPoints;
  }
}
