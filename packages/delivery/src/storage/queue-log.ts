import { messageOf } from '@millrace/api';
import type { Logger } from '@millrace/api';
import type { IndexedEntry } from './entry-index.ts';
import type { FileSystem } from './file-system.ts';
import type { GroupWriter } from './group-writer.ts';
import type { LogQueue } from './log-queue.ts';
import type { OpenFiles } from './open-files.ts';
import { quarantine } from './quarantine.ts';
import type { Quarantined } from './quarantine.ts';
import { RECORD_PAYLOAD_BYTES_MAX } from './record-header.ts';
import { RecordReader } from './record-reader.ts';
import type { SegmentTable } from './segment.ts';
import { recordTooLarge } from './storage-errors.ts';

/** An entry as it is written: `meta` describes the payload to whoever reads it. */
export interface NewEntry {
  readonly meta: Uint8Array;
  readonly data: readonly Uint8Array[];
  readonly items: number;
}

export interface ReadEntry {
  readonly sequence: number;
  readonly meta: Uint8Array;
  readonly data: Uint8Array;
  readonly items: number;
}

/** An entry that could not be read. */
export interface PassedOver {
  readonly sequence: number;
  readonly items: number;
  /** Length of its payload. */
  readonly dataBytes: number;
  /** Whether it stays where it is, because the disk may give it out another time; else it was put aside as damaged. */
  readonly kept: boolean;
}

export interface QueueTotals {
  readonly requests: number;
  readonly items: number;
  readonly bytes: number;
}

export interface QueueLogOptions {
  readonly queue: LogQueue;
  readonly table: SegmentTable;
  readonly writer: Pick<GroupWriter, 'append'>;
  readonly openFiles: OpenFiles;
  readonly files: FileSystem;
  readonly directory: string;
  readonly logger: Logger;
  readonly onDone: (segment: number, sequence: number, freed: boolean) => void;
  readonly onUnreadable: (report: Quarantined | undefined) => void;
  readonly onReleased: () => void;
}

/** A queue of payloads in the store. */
export class QueueLog {
  readonly #options: QueueLogOptions;
  readonly #reader: RecordReader;

  constructor(options: QueueLogOptions) {
    this.#options = options;
    this.#reader = new RecordReader(options.openFiles);
  }

  get name(): string {
    return this.#options.queue.name;
  }

  /** What was not handed out. */
  totals(): QueueTotals {
    const { backlog, fresh, unread } = this.#options.queue;
    let items = 0;
    let bytes = 0;
    for (const lane of [backlog, fresh]) {
      for (let at = 0; at < lane.length; at++) {
        const entry = lane.at(at);
        items += entry.items;
        bytes += entry.dataBytes;
      }
    }
    return { requests: unread, items, bytes };
  }

  get unread(): number {
    return this.#options.queue.unread;
  }

  /** How many of the unread ones are fresh: appended since the queue was opened, and not demoted. */
  get fresh(): number {
    return this.#options.queue.fresh.length;
  }

  /** How many of the unread ones are older than all fresh ones. */
  get backlog(): number {
    return this.#options.queue.backlog.length;
  }

  /**
   * Resolves with the sequence when the entry is durable, in the order of the calls. The bytes must not change until
   * then. `onDurable` is called at that moment, before anybody else can see the entry. Rejects with a DeliveryError:
   * STORAGE_FULL, STORAGE_FAILED, SHUTDOWN (retryable), TOO_LARGE.
   */
  append({ meta, data, items }: NewEntry, onDurable?: (sequence: number) => void): Promise<number> {
    const { queue, writer, table } = this.#options;
    let dataBytes = 0;
    for (const part of data) dataBytes += part.length;
    const payloadBytes = dataBytes + meta.length + queue.nameBytes.length;
    if (payloadBytes > RECORD_PAYLOAD_BYTES_MAX - 1024) {
      return Promise.reject(recordTooLarge(payloadBytes, RECORD_PAYLOAD_BYTES_MAX - 1024));
    }
    return new Promise((resolve, reject) => {
      writer.append({
        kind: 'entry',
        deleted: false,
        items,
        name: queue.nameBytes,
        meta,
        data,
        dataBytes,
        sequence: undefined,
        privileged: false,
        onDurable: (place, sequence) => {
          table.get(place.segment)?.addLive(place.bytes);
          queue.fresh.push({ ...place, sequence, items, dataBytes });
          onDurable?.(sequence);
          resolve(sequence);
        },
        onRefused: reject,
      });
    });
  }

  /** Hands the oldest entry out without reading it. */
  skip(): number | undefined {
    return this.#options.queue.take()?.sequence;
  }

  /** Hands the oldest of the fresh ones out without reading it. */
  takeFresh(): number | undefined {
    return this.#options.queue.takeFresh()?.sequence;
  }

  /** Makes the oldest of the fresh ones the newest of the backlog. */
  demote(): number | undefined {
    return this.#options.queue.demote()?.sequence;
  }

  /** Hands the oldest entry out. What can't be read is reported and passed over; undefined when nothing is left. */
  async read(): Promise<ReadEntry | undefined> {
    for (;;) {
      const found = await this.readOne();
      if (found === undefined || 'data' in found) return found;
    }
  }

  /** Hands the oldest entry out at the call, and reads it; undefined when there is none. May be called again meanwhile. */
  async readOne(): Promise<ReadEntry | PassedOver | undefined> {
    const entry = this.#options.queue.take();
    return entry === undefined ? undefined : this.#load(entry);
  }

  /** The entry is dealt with; once for each that was handed out. */
  done(sequence: number): void {
    const { queue, table, onDone } = this.#options;
    const place = queue.remove(sequence);
    if (place === undefined) return;
    const segment = table.get(place.segment);
    segment?.removeLive(place.bytes);
    onDone(place.segment, sequence, segment?.dead === true);
  }

  /** Somebody else may open the queue, and gets what is not done. */
  release(): void {
    this.#options.queue.putBack();
    this.#options.onReleased();
  }

  async #load(entry: IndexedEntry): Promise<ReadEntry | PassedOver> {
    const { queue, table, files, directory, logger, onUnreadable } = this.#options;
    const { sequence, items, dataBytes } = entry;
    let place: IndexedEntry = entry;
    for (;;) {
      const segment = table.get(place.segment);
      let failure: unknown;
      if (segment !== undefined) {
        try {
          const record = await this.#reader.read(segment, place);
          if (record !== undefined) return { sequence, items, meta: record.body.meta, data: record.body.data };
        } catch (error) {
          failure = error;
        }
      }
      // Compaction may have moved it meanwhile.
      const now = queue.find(sequence);
      if (now !== undefined && (now.segment !== place.segment || now.offset !== place.offset)) {
        place = now;
        continue;
      }
      if (failure !== undefined || segment === undefined) {
        // It may be readable after a restart, or on another machine: it stays.
        logger.error('an entry of the storage could not be read, and stays', {
          queue: queue.name,
          error: messageOf(failure),
        });
        onUnreadable(undefined);
        return { sequence, items, dataBytes, kept: true };
      }
      const { offset, bytes } = place;
      const reason = 'record does not match its checksum when it is read';
      onUnreadable(await quarantine(files, directory, { file: segment.path, offset, bytes, reason }));
      this.done(sequence);
      return { sequence, items, dataBytes, kept: false };
    }
  }
}
