import type { Signal } from '@millrace/api';
import { countItems } from '@millrace/otlp';
import { openBatch } from './open-batch.ts';

/**
 * Cuts data into pieces of at most `itemsMax` items, each with the headers that its items need. Profiles refer to each
 * other through their dictionary and stay whole. Only for the search for what fails: it reads everything once a piece.
 */
export function splitChunks(signal: Signal, chunks: readonly Uint8Array[], itemsMax: number): Uint8Array[][] {
  if (signal === 'profiles') return [[...chunks]];
  const total = chunks.reduce((sum, chunk) => sum + countItems(signal, chunk), 0);
  const pieces: Uint8Array[][] = [];
  for (let from = 0; from < total; from += itemsMax) pieces.push(slice(signal, chunks, from, from + itemsMax));
  return pieces;
}

function slice(signal: Signal, chunks: readonly Uint8Array[], from: number, to: number): Uint8Array[] {
  const batch = openBatch(signal, chunks);
  let index = 0;
  for (const item of itemsOf(batch)) {
    if (index < from || index >= to) item.drop();
    index++;
  }
  return batch.chunks.filter((chunk) => countItems(signal, chunk) > 0);
}

function itemsOf(batch: ReturnType<typeof openBatch>): Iterable<{ drop(): void }> {
  switch (batch.signal) {
    case 'logs':
      return batch.records;
    case 'traces':
      return batch.spans;
    case 'metrics':
      return batch.dataPoints;
    default:
      return [];
  }
}
