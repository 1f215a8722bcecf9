import { type Batch, type ClientContext, type Kind, type Logger, permanent, type Signal } from '@millrace/api';
import type { LoadForm } from '@millrace/delivery';
import { countItems } from '@millrace/otlp';
import type { Arena, LeafBatch, Region } from '@millrace/workers';

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
  readonly #onMisuse: ((what: BatchMisuse) => void) | undefined;
  #isGivenUp = false;

  /** `onMisuse` is told when whoever holds it uses it after having given it up. */
  constructor(fields: {
    signal: Signal;
    regions: readonly Region[];
    items: number;
    context: ClientContext | undefined;
    onMisuse?: ((what: BatchMisuse) => void) | undefined;
  }) {
    this.#onMisuse = fields.onMisuse;
    this.signal = fields.signal;
    this.regions = fields.regions;
    this.items = fields.items;
    this.context = fields.context;
    this.chunks = fields.regions.map((region) => region.bytes);
    this.bytes = this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** A leaf's batch that may wait long: it pins no more memory than its own bytes. Takes the regions over. */
  static waiting(leaf: LeafBatch, arena: Arena, onMisuse?: (what: BatchMisuse) => void): RegionBatch {
    return new RegionBatch({ ...leaf, onMisuse, regions: leaf.regions.map((region) => unpinned(region, arena)) });
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
    const { signal, items, context } = this;
    const onMisuse = this.#onMisuse;
    return new RegionBatch({ signal, items, context, onMisuse, regions: this.regions.map((region) => region.share()) });
  }

  release(): void {
    if (this.#isGivenUp) this.#onMisuse?.('releases');
    this.#isGivenUp = true;
    for (const region of this.regions) region.release();
  }

  /** Its memory, for whoever it is passed on to. @throws {DeliveryError} permanent where its holder has given it up. */
  take(): readonly Region[] {
    this.refuseGivenUp('passes on');
    this.#isGivenUp = true;
    return this.regions;
  }

  /** Its memory may hold something else by now. @throws {DeliveryError} permanent */
  refuseGivenUp(what: BatchMisuse): void {
    if (!this.#isGivenUp) return;
    this.#onMisuse?.(what);
    throw permanent(`a component ${what} a batch that it has passed on or released before`, { code: 'BATCH_GIVEN_UP' });
  }
}

/** Names a component that uses batches which it has given up; once for each way of doing so. */
export function misuseLog(kind: Kind, id: string, logger: Logger): (what: BatchMisuse) => void {
  const said = new Set<BatchMisuse>();
  return (what) => {
    if (said.has(what)) return;
    said.add(what);
    logger.error(`${kind} "${id}" ${what} a batch that it has passed on or released before`, {
      rule: 'a batch is passed on or released once; each owner has a share() of its own',
      remedy: 'correct the plugin: pass batch.share() on where the batch is needed again, and release that once',
    });
  };
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
