import { type Batch, type ClientContext, permanent, type Signal } from '@millrace/api';
import type { LoadForm } from '@millrace/delivery';
import { countItems } from '@millrace/otlp';
import type { Arena, LeafBatch, Region } from '@millrace/workers';
import type { BatchHolder } from './batch-holder.ts';

/** What was done with a batch that was no longer one's own. */
export type BatchMisuse = 'shares' | 'releases' | 'passes on' | 'splits';

/** A batch whose chunks lie in accounted regions. */
export class RegionBatch implements Batch {
  readonly signal: Signal;
  readonly regions: readonly Region[];
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
  readonly bytes: number;
  readonly context: ClientContext | undefined;
  readonly #holder: BatchHolder | undefined;
  #isGivenUp = false;

  /** `holder` is told that it has it and that it gives it up, and when it uses it afterwards. */
  constructor(fields: {
    signal: Signal;
    regions: readonly Region[];
    items: number;
    context: ClientContext | undefined;
    holder?: BatchHolder | undefined;
  }) {
    this.#holder = fields.holder;
    this.signal = fields.signal;
    this.regions = fields.regions;
    this.items = fields.items;
    this.context = fields.context;
    this.chunks = fields.regions.map((region) => region.bytes);
    this.bytes = this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    fields.holder?.took();
  }

  /** A leaf's batch that may wait long: it pins no more memory than its own bytes. Takes the regions over. */
  static waiting(leaf: LeafBatch, arena: Arena, holder?: BatchHolder): RegionBatch {
    return new RegionBatch({ ...leaf, holder, regions: leaf.regions.map((region) => unpinned(region, arena)) });
  }

  /** Over a copy of valid requests, in accounted memory. Throws a retryable error where there is no room. */
  static copied(
    chunks: readonly Uint8Array[],
    fields: { signal: Signal; context: ClientContext | undefined },
    arena: Arena,
  ): RegionBatch {
    const regions: Region[] = [];
    let items = 0;
    try {
      for (const chunk of chunks) {
        regions.push(arena.keep(chunk));
        items += countItems(fields.signal, chunk);
      }
    } catch (error) {
      for (const region of regions) region.release();
      throw error;
    }
    return new RegionBatch({ ...fields, regions, items });
  }

  share(): RegionBatch {
    this.refuseGivenUp('shares');
    return this.part({ items: this.items, regions: this.regions.map((region) => region.share()) });
  }

  /** A batch of some of its data, for the same holder. Takes the regions over. */
  part(fields: { readonly regions: readonly Region[]; readonly items: number }): RegionBatch {
    const { signal, context } = this;
    return new RegionBatch({ ...fields, signal, context, holder: this.#holder });
  }

  release(): void {
    if (this.#isGivenUp) this.#holder?.misuses('releases');
    else this.#giveUp();
    for (const region of this.regions) region.release();
  }

  /** Its memory, for whoever it is passed on to. @throws {DeliveryError} permanent where its holder has given it up. */
  take(): readonly Region[] {
    this.refuseGivenUp('passes on');
    this.#giveUp();
    return this.regions;
  }

  /** Its memory may hold something else by now. @throws {DeliveryError} permanent */
  refuseGivenUp(what: BatchMisuse): void {
    if (!this.#isGivenUp) return;
    this.#holder?.misuses(what);
    throw permanent(`a component ${what} a batch that it has passed on or released before`, { code: 'BATCH_GIVEN_UP' });
  }

  #giveUp(): void {
    this.#isGivenUp = true;
    this.#holder?.gaveUp();
  }
}

/** How batches are kept on disk: as OTLP, and in accounted memory when they come back. */
export function regionForm(arena: Arena): LoadForm<Batch> {
  return {
    parts: (batch) => batch.chunks,
    make: ({ signal, items, context, bytes }) =>
      new RegionBatch({ signal, items, context, regions: [keptOnce(bytes, arena)] }),
  };
}

/** What an earlier start stored may be too large for the budget of this one. */
function keptOnce(bytes: Uint8Array, arena: Arena): Region {
  const { bytesInFlightMax } = arena;
  if (bytes.length <= bytesInFlightMax) return arena.keep(bytes);
  throw permanent(`${bytes.length} bytes can never fit into service.bytes_in_flight_max: ${bytesInFlightMax}`, {
    code: 'TOO_LARGE',
  });
}

/** Takes a region over that may wait long; where there is no room for a copy of its own, it stays where it is. */
export function unpinned(region: Region, arena: Arena): Region {
  try {
    return arena.compact(region);
  } catch {
    return region;
  }
}
