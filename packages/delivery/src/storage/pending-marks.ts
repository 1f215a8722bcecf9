import { encodeMarks, runsOf } from './done-marks.ts';
import type { LogRecord } from './log-record.ts';
import { RECORD_HEADER_BYTES } from './record-header.ts';
import type { SegmentTable } from './segment.ts';

const NOTHING = new Uint8Array();

/** Entries that are done, until a mark on disk says so. */
export class PendingMarks {
  readonly #table: SegmentTable;
  readonly #pending = new Map<number, number[]>();
  /** Taken, and not known to be durable yet. */
  #writing = 0;
  #count = 0;

  constructor(table: SegmentTable) {
    this.#table = table;
  }

  /** Entries whose mark is not on disk. */
  get length(): number {
    return this.#count + this.#writing;
  }

  add(segment: number, sequence: number): void {
    const known = this.#pending.get(segment);
    if (known === undefined) this.#pending.set(segment, [sequence]);
    else known.push(sequence);
    this.#count += 1;
  }

  /** The records that say so, one for each segment. What is refused comes back to be written later. */
  take(): LogRecord[] {
    const records: LogRecord[] = [];
    for (const [segment, sequences] of this.#pending) {
      this.#pending.delete(segment);
      this.#count -= sequences.length;
      // A segment that is gone has taken its entries with it.
      if (this.#table.get(segment) === undefined) continue;
      this.#writing += sequences.length;
      records.push(this.#record(segment, sequences));
    }
    return records;
  }

  #record(segment: number, sequences: readonly number[]): LogRecord {
    const marks = encodeMarks({ segment, runs: runsOf(sequences) });
    return marksRecord(marks, {
      onDurable: (place) => {
        this.#writing -= sequences.length;
        if (place.segment === segment || this.#table.get(segment) === undefined) return;
        this.#table.get(place.segment)?.addMarks(segment, RECORD_HEADER_BYTES + marks.length);
      },
      onRefused: () => {
        this.#writing -= sequences.length;
        for (const sequence of sequences) this.add(segment, sequence);
      },
    });
  }
}

/** A record of marks, new or moved by compaction. */
export function marksRecord(marks: Buffer, handlers: Pick<LogRecord, 'onDurable' | 'onRefused'>): LogRecord {
  return {
    kind: 'marks',
    deleted: false,
    items: 0,
    name: NOTHING,
    meta: NOTHING,
    data: [marks],
    dataBytes: marks.length,
    sequence: undefined,
    privileged: true,
    ...handlers,
  };
}
