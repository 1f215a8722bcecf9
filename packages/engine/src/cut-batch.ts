import { countItems, splitChunks, type SplitLimits } from '@millrace/otlp';
import type { Arena, Region } from '@millrace/workers';
import { RegionBatch } from './region-batch.ts';

/** Cuts a batch into ones of at most `itemsMax` items; takes it over. */
export function splitBatch(batch: RegionBatch, itemsMax: number, arena: Arena): RegionBatch[] {
  batch.refuseGivenUp('splits');
  if (batch.items <= itemsMax) return [batch];
  const pieces = cut(batch, { itemsMax }, arena);
  batch.release();
  return pieces;
}

/** Cuts the first part that fits into a limit off a batch; takes it over. `rest` is undefined when that is all. */
export function cutBatch(
  batch: RegionBatch,
  limit: { readonly unit: 'items' | 'bytes'; readonly size: number },
  arena: Arena,
): { head: RegionBatch; rest: RegionBatch | undefined } {
  const limits = limit.unit === 'items' ? { itemsMax: limit.size } : { bytesMax: limit.size };
  const [head, ...others] = cut(batch, limits, arena);
  if (head === undefined) return { head: batch, rest: undefined };
  const rest = others.length === 0 ? undefined : joined(others);
  batch.release();
  return { head, rest };
}

/** Throws, without having taken or kept anything, where there is no room for the pieces. */
function cut(batch: RegionBatch, limits: SplitLimits, arena: Arena): RegionBatch[] {
  const { signal } = batch;
  const made: Region[] = [];
  const regionOf = (chunk: Uint8Array) => {
    const whole = batch.chunks.indexOf(chunk);
    const region = batch.regions[whole]?.share() ?? arena.keep(chunk);
    made.push(region);
    return region;
  };
  try {
    const pieces = splitChunks(signal, batch.chunks, limits).map((chunks) => {
      const items = chunks.reduce((sum, chunk) => sum + countItems(signal, chunk), 0);
      return { items, regions: chunks.map(regionOf) };
    });
    return pieces.map((piece) => batch.part(piece));
  } catch (error) {
    for (const region of made) region.release();
    throw error;
  }
}

function joined(batches: readonly RegionBatch[]): RegionBatch {
  const [{ signal, context }] = batches as [RegionBatch];
  const items = batches.reduce((sum, batch) => sum + batch.items, 0);
  return new RegionBatch({ signal, context, items, regions: batches.flatMap(({ regions }) => regions) });
}
