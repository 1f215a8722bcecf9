import type { Batch, Clock, DeliveryError } from '@millrace/api';
import { commonContext, partitionOf } from './consignment.ts';
import type { Consignment, ConsignmentSource } from './consignment.ts';
import { asDeliveryError } from './delivery-errors.ts';
import { Handover } from './handover.ts';
import type { Part, QueueEntry } from './queue-entry.ts';
import type { BatchSettings } from './settings.ts';
import { sizeOf } from './sizer.ts';

/** A size in one of the units that batches are cut by. */
export interface CutLimit {
  readonly unit: 'items' | 'bytes';
  readonly size: number;
}

/**
 * Cuts a batch in two at a record boundary. `head` holds as many records as fit into the limit, but at least one;
 * `rest` is undefined when that is all. Takes the batch over; throws without having taken it.
 */
export type CutBatch = (batch: Batch, limit: CutLimit) => { head: Batch; rest: Batch | undefined };

export interface QueueBatcherOptions {
  readonly id: string;
  readonly settings: BatchSettings & { readonly sizer: NonNullable<BatchSettings['sizer']> };
  readonly clock: Clock;
  readonly cut: CutBatch;
  /** The next entry of the queue; undefined at its end. */
  readonly nextEntry: () => Promise<QueueEntry<Batch> | undefined>;
  /** A part that could not be cut and is given up. */
  readonly onUncut: (part: Part<Batch>, error: DeliveryError) => void;
}

/** What has come for one partition and not left. */
interface Pending {
  parts: Part<Batch>[];
  size: number;
  cancelFlush: (() => void) | undefined;
}

/**
 * Merges what comes out of the queue: a consignment leaves when `min_size` is reached, or `flush_timeout` after its
 * first part came; never more than `max_size` (but for a single record that is larger). Bounded by the queue, whose
 * room is taken until data is delivered; and no entry is taken from the queue while a full consignment waits for a
 * consumer.
 */
export class QueueBatcher implements ConsignmentSource<Batch> {
  readonly #options: QueueBatcherOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #ready = new Handover<Consignment<Batch>>();
  #hurried = false;
  #discarded = false;

  constructor(options: QueueBatcherOptions) {
    this.#options = options;
  }

  next(): Promise<Consignment<Batch> | undefined> {
    return this.#ready.take();
  }

  /** Moves entries from the queue to the consumers until the queue ends. */
  async run(): Promise<void> {
    for (;;) {
      await this.#ready.whenEmpty();
      const entry = await this.#options.nextEntry();
      if (entry === undefined) break;
      this.#add(entry);
    }
    this.flush();
    this.#ready.close();
  }

  /** From now on nothing waits for more. */
  hurry(): void {
    this.#hurried = true;
    this.flush();
  }

  /** Sends off all that waits. */
  flush(): void {
    for (const key of this.#pending.keys()) this.#flush(key);
  }

  /** Lets go of all that waits, and of what still comes: it stays in the store. */
  discard(): void {
    this.#discarded = true;
    const waiting = [...this.#pending.values(), ...this.#ready.drain()];
    for (const { cancelFlush } of this.#pending.values()) cancelFlush?.();
    this.#pending.clear();
    for (const { parts } of waiting) for (const { load } of parts) load.release();
  }

  #add(entry: QueueEntry<Batch>): void {
    if (this.#discarded) {
      entry.whole.load.release();
      return;
    }
    const { settings, clock } = this.#options;
    const key = partitionOf(entry.whole.load.context);
    let pending = this.#pending.get(key);
    if (pending === undefined) this.#pending.set(key, (pending = { parts: [], size: 0, cancelFlush: undefined }));
    pending.parts.push(entry.whole);
    pending.size += sizeOf(entry.whole.load, settings.sizer);
    if (settings.max_size > 0) {
      while (pending.size > settings.max_size) {
        const parts = this.#takeFront(pending, settings.max_size);
        if (parts.length > 0) this.#dispatch(parts);
        // What is left came with this entry: its time starts now.
        pending.cancelFlush?.();
        pending.cancelFlush = undefined;
      }
    }
    if (pending.parts.length === 0) this.#pending.delete(key);
    else if (this.#hurried || pending.size >= settings.min_size) this.#flush(key);
    else pending.cancelFlush ??= clock.after(settings.flush_timeout, () => this.#flush(key));
  }

  #flush(key: string): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    this.#pending.delete(key);
    pending.cancelFlush?.();
    this.#dispatch(pending.parts);
  }

  #dispatch(parts: readonly Part<Batch>[]): void {
    this.#ready.put({ parts, context: commonContext(parts.map((part) => part.load)) });
  }

  /** Takes parts of up to `limit` off the front, cutting the one that reaches beyond it. */
  #takeFront(pending: Pending, limit: number): Part<Batch>[] {
    const { sizer } = this.#options.settings;
    const taken: Part<Batch>[] = [];
    let room = limit;
    while (pending.parts.length > 0 && room > 0) {
      const part = pending.parts[0];
      const size = sizeOf(part.load, sizer);
      if (size > room) {
        this.#cutFirst(pending, room);
        // A single record may still be larger; it goes alone.
        const first = pending.parts[0];
        if (first !== undefined && (sizeOf(first.load, sizer) <= room || taken.length === 0)) {
          taken.push(this.#takeFirst(pending));
        }
        break;
      }
      room -= size;
      taken.push(this.#takeFirst(pending));
    }
    return taken;
  }

  #takeFirst(pending: Pending): Part<Batch> {
    const part = pending.parts.shift() as Part<Batch>;
    pending.size -= sizeOf(part.load, this.#options.settings.sizer);
    return part;
  }

  /** Replaces the first part by what fits into `room` and the rest; drops it when it cannot be cut. */
  #cutFirst(pending: Pending, room: number): void {
    const { id, cut, onUncut, settings } = this.#options;
    const part = this.#takeFirst(pending);
    let pieces: readonly Part<Batch>[] = [];
    try {
      const { head, rest } = cut(part.load, { unit: settings.sizer, size: room });
      pieces = rest === undefined ? [{ entry: part.entry, load: head }] : part.entry.split(head, rest);
    } catch (error) {
      onUncut(part, asDeliveryError(id, error));
    }
    pending.parts.unshift(...pieces);
    // Cutting repeats headers, so the pieces' bytes may be more than the part's.
    for (const piece of pieces) pending.size += sizeOf(piece.load, settings.sizer);
  }
}
