import { decodeMarks } from './done-marks.ts';
import type { FileSystem } from './file-system.ts';
import type { GroupWriter } from './group-writer.ts';
import type { LogQueue } from './log-queue.ts';
import type { LogRecord } from './log-record.ts';
import { marksRecord } from './pending-marks.ts';
import type { PendingMarks } from './pending-marks.ts';
import { decodeBody } from './record-body.ts';
import { scanSegment } from './segment-scan.ts';
import type { ScannedRecord } from './segment-scan.ts';
import type { Place, Segment, SegmentTable } from './segment.ts';
import type { StateIndex } from './state-index.ts';

export interface RelocationOptions {
  readonly files: FileSystem;
  readonly table: SegmentTable;
  readonly queues: ReadonlyMap<string, LogQueue>;
  readonly state: StateIndex;
  readonly marks: PendingMarks;
  readonly writer: Pick<GroupWriter, 'append'>;
}

/** Copies what is needed out of a segment, so that it can go. */
export class Relocation {
  readonly #options: RelocationOptions;

  constructor(options: RelocationOptions) {
    this.#options = options;
  }

  /** True when nothing in the segment is needed any more. */
  async empty(segment: Segment): Promise<boolean> {
    const { files } = this.#options;
    const copies: Promise<void>[] = [];
    const marks: { readonly target: number; readonly bytes: Buffer }[] = [];
    const file = await files.open(segment.path, 'read');
    try {
      await scanSegment(
        file,
        { bytes: segment.end, seed: segment.seed },
        ({ payloadBytes }) => payloadBytes,
        (record) => {
          if (record.header.kind === 'entry') copies.push(this.#copyEntry(segment, record));
          else if (record.header.kind === 'state') copies.push(this.#copyState(segment, record));
          else if (record.header.kind === 'marks') {
            marks.push({ target: decodeMarks(record.payload).segment, bytes: record.payload });
          }
        },
      );
    } finally {
      await file.close();
    }
    for (const { target, bytes } of marks) if (segment.marks.has(target)) copies.push(this.#copyMarks(target, bytes));
    const results = await Promise.allSettled(copies);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    segment.marks.clear();
    // A record that no longer checks was not copied: it waits for its reader, who will report it.
    segment.pinned = !segment.dead;
    return segment.dead;
  }

  async #copyEntry(segment: Segment, scanned: ScannedRecord): Promise<void> {
    const { queues, table, marks } = this.#options;
    const { header, offset, payload } = scanned;
    const body = decodeBody(header, payload, offset, segment);
    const queue = queues.get(payload.toString('utf8', 0, header.nameBytes));
    const found = queue?.find(header.sequence);
    if (body === undefined || queue === undefined || found?.segment !== segment.number) return;
    await this.#append(scanned, { meta: body.meta, data: body.data }, (place) => {
      if (queue.move(header.sequence, place)) {
        segment.removeLive(found.bytes);
        table.get(place.segment)?.addLive(place.bytes);
      } else {
        // It was done while it was copied: the copy is, too.
        marks.add(place.segment, header.sequence);
      }
    });
  }

  async #copyState(segment: Segment, scanned: ScannedRecord): Promise<void> {
    const { state, table } = this.#options;
    const { header, offset, payload } = scanned;
    const body = decodeBody(header, payload, offset, segment);
    if (body === undefined) return;
    const key = body.meta.toString();
    const isNewest = (): boolean => {
      const known = state.get(body.name, key);
      return known?.segment === segment.number && known.sequence === header.sequence;
    };
    if (!isNewest()) return;
    if (header.deleted && !this.#mayReturn(segment, header.items)) {
      state.drop(body.name, key, table);
      return;
    }
    await this.#append(scanned, { meta: body.meta, data: body.data }, (place) => {
      const known = state.get(body.name, key);
      if (isNewest() && known !== undefined) state.put(body.name, key, { ...known, ...place }, table);
    });
  }

  /** Whether an older value of a deleted key may be in some other segment. */
  #mayReturn(segment: Segment, newestSegment: number): boolean {
    for (const other of this.#options.table.values()) {
      if (other !== segment && other.number <= newestSegment) return true;
    }
    return false;
  }

  #copyMarks(target: number, bytes: Buffer): Promise<void> {
    const { table, writer } = this.#options;
    return new Promise((resolve, reject) => {
      writer.append(
        marksRecord(bytes, {
          onDurable: (place) => {
            if (place.segment !== target && table.get(target) !== undefined) {
              table.get(place.segment)?.addMarks(target, place.bytes);
            }
            resolve();
          },
          onRefused: reject,
        }),
      );
    });
  }

  #append(
    { header, payload }: ScannedRecord,
    body: { readonly meta: Buffer; readonly data: Buffer },
    onDurable: (place: Place) => void,
  ): Promise<void> {
    const record: Omit<LogRecord, 'onDurable' | 'onRefused'> = {
      kind: header.kind,
      deleted: header.deleted,
      items: header.items,
      name: payload.subarray(0, header.nameBytes),
      meta: body.meta,
      data: [body.data],
      dataBytes: body.data.length,
      sequence: header.sequence,
      privileged: true,
    };
    return new Promise((resolve, reject) => {
      this.#options.writer.append({
        ...record,
        onDurable: (place) => {
          onDurable(place);
          resolve();
        },
        onRefused: reject,
      });
    });
  }
}
