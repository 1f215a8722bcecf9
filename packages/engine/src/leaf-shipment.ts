import type { Shipment } from '@millrace/delivery';
import type { Arena, LeafBatch } from '@millrace/workers';
import { unpinned } from './region-batch.ts';

/** A leaf that was asked for in one piece, ready to be queued. Takes it over. */
export function shipmentOf(leaf: LeafBatch, arena: Arena): Shipment {
  // It may wait long, and must not pin more than its bytes.
  const region = unpinned(leaf.regions[0], arena);
  return {
    signal: leaf.signal,
    items: leaf.items,
    bytes: region.bytes.length,
    payload: region.bytes,
    context: leaf.context,
    release: () => region.release(),
  };
}
