import { DeliveryError } from '@millrace/api';
import type { Clock } from '@millrace/api';
import { Fifo } from '../fifo.ts';
import { codeOf } from './file-system.ts';
import { GroupBuffer } from './group-buffer.ts';
import type { LogRecord } from './log-record.ts';
import { recordBytes } from './record-body.ts';
import type { OpenSegment, SegmentPool } from './segment-pool.ts';
import type { Segment } from './segment.ts';
import { storageClosed, storageFailed, storageFull } from './storage-errors.ts';

/** Bytes that one sync makes durable, about: more would make the first in the group wait for the last. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024;

export interface GroupWriterOptions {
  readonly pool: SegmentPool;
  readonly directory: string;
  readonly fsync: boolean;
  readonly retryMs: number;
  readonly clock: Clock;
  readonly nextSequence: number;
  readonly nextGroup: number;
  /** Done marks that wait to be written; asked at each group. */
  readonly takeMarks: () => readonly LogRecord[];
  /** Called after each group. */
  readonly onGroup: (result: { readonly records: number; readonly bytes: number }) => void;
  /** A segment gets no further records. */
  readonly onClosed: (segment: Segment) => void;
  /** Rejects when the directory is not this process's any more. */
  readonly checkOwner: () => Promise<void>;
}

interface Flush {
  /** Records that had been appended, and the first group that could take the marks. */
  readonly appended: number;
  readonly group: number;
  readonly resolve: () => void;
}

/**
 * Writes records in groups: one write and one sync for all that came while the group before was being written. Whoever
 * appended is told after the sync. After a failure nothing is written or synced again in the same place: what a disk
 * has kept of a failed sync is not known. The segment is closed and the next group goes to a new one.
 */
export class GroupWriter {
  readonly #options: GroupWriterOptions;
  readonly #waiting = new Fifo<LogRecord>();
  readonly #buffer = new GroupBuffer();
  #active: OpenSegment | undefined;
  #sequence: number;
  #group: number;
  #running: Promise<void> | undefined;
  #flushMarks = false;
  /** Records that were ever appended, and groups that were ever begun. */
  #appended = 0;
  #begun = 0;
  #flushes: Flush[] = [];
  /** Set after a failure, until the disk may be tried again. */
  #refusal: { readonly untilMs: number; readonly reason: DeliveryError } | undefined;
  #closed = false;

  constructor(options: GroupWriterOptions) {
    this.#options = options;
    this.#sequence = options.nextSequence;
    this.#group = options.nextGroup;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  append(record: LogRecord): void {
    if (this.#closed) {
      record.onRefused(storageClosed(this.#options.directory));
      return;
    }
    const refusal = this.#refusal;
    if (refusal !== undefined && !record.privileged) {
      if (this.#options.clock.monotonic() < refusal.untilMs) {
        record.onRefused(refusal.reason);
        return;
      }
      this.#refusal = undefined;
    }
    this.#waiting.push(record);
    this.#appended += 1;
    this.#start();
  }

  /** Room has become free. */
  tryAgain(): void {
    this.#refusal = undefined;
  }

  /**
   * Resolves when what was appended before is durable or was refused, and the marks that waited, too; others may go on
   * appending meanwhile.
   */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#flushes.push({ appended: this.#appended, group: this.#begun + 1, resolve });
      this.#flushMarks = true;
      this.#start();
    });
  }

  /** Writes what waits, then takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    await this.#running;
    await this.#closeActive();
  }

  #start(): void {
    if (this.#running !== undefined) return;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    // Whoever else appends in this turn joins the group.
    await Promise.resolve();
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0 || this.#flushMarks) {
        this.#flushMarks = false;
        this.#begun += 1;
        await this.#writeGroup();
        this.#endFlushes();
      }
    } finally {
      this.#running = undefined;
    }
  }

  #endFlushes(): void {
    const settled = this.#appended - this.#waiting.length;
    const ended = this.#flushes.filter(({ appended, group }) => appended <= settled && group <= this.#begun);
    if (ended.length === 0) return;
    this.#flushes = this.#flushes.filter((flush) => !ended.includes(flush));
    for (const { resolve } of ended) resolve();
  }

  async #writeGroup(): Promise<void> {
    const { pool, takeMarks } = this.#options;
    const marks = takeMarks();
    const next = this.#waiting.peek() ?? marks[0];
    if (next === undefined) return;
    let target: OpenSegment;
    try {
      target = await this.#segmentFor(next);
    } catch (error) {
      const reason = this.#explain(error);
      for (const mark of marks) mark.onRefused(reason);
      // There may still be room for smaller ones.
      if (reason.code === 'STORAGE_FULL' && next === this.#waiting.peek() && pool.needsOwn(next)) {
        this.#waiting.shift()?.onRefused(reason);
        return;
      }
      this.#refuseFor(reason);
      this.#refuseWaiting(reason, error);
      return;
    }
    const { segment } = target;
    const group: { record: LogRecord; offset: number; bytes: number; sequence: number }[] = [];
    this.#buffer.clear();
    let offset = segment.end;
    const add = (record: LogRecord, bytes: number): void => {
      const sequence = record.sequence ?? this.#sequence++;
      const { seed, cipher, end: groupOffset } = segment;
      this.#buffer.add(record, { seed, cipher, offset, sequence, group: this.#group, groupOffset });
      group.push({ record, offset, bytes, sequence });
      offset += bytes;
    };
    const fits = (bytes: number): boolean => offset + bytes <= segment.bytes && this.#buffer.hasRoom(bytes);
    for (const mark of marks) {
      const bytes = recordBytes(mark, { sealed: segment.cipher !== undefined });
      if (!segment.own && fits(bytes)) add(mark, bytes);
      else mark.onRefused(storageFull('its segment', 0));
    }
    while (this.#waiting.length > 0 && this.#buffer.bytes < GROUP_BYTES_MAX) {
      const record = this.#waiting.peek() as LogRecord;
      const bytes = recordBytes(record, { sealed: segment.cipher !== undefined });
      if (!fits(bytes)) break;
      this.#waiting.shift();
      add(record, bytes);
    }
    if (group.length === 0) {
      await this.#closeActive();
      return;
    }
    await this.#commit(target, group, offset);
  }

  async #commit(
    target: OpenSegment,
    group: readonly { record: LogRecord; offset: number; bytes: number; sequence: number }[],
    end: number,
  ): Promise<void> {
    const { segment, file } = target;
    const { fsync, onGroup, pool } = this.#options;
    try {
      await file.write(this.#buffer.take(), segment.end);
      if (fsync) await file.sync();
    } catch (error) {
      const reason = this.#explain(error);
      this.#refuseFor(reason);
      if (target === this.#active) this.#active = undefined;
      await this.#closeSegment(target);
      for (const { record } of group) record.onRefused(reason);
      return;
    }
    this.#group += 1;
    segment.end = end;
    // A segment of one record is full.
    if (segment.own) segment.closed = true;
    for (const { record, offset, bytes, sequence } of group) {
      record.onDurable({ segment: segment.number, offset, bytes }, sequence);
    }
    if (segment.own) await this.#closeSegment(target);
    else if (segment.end > segment.bytes / 2) pool.prepareAhead();
    onGroup({ records: group.length, bytes: this.#buffer.bytes });
  }

  async #segmentFor(record: LogRecord): Promise<OpenSegment> {
    const { pool, checkOwner } = this.#options;
    const active = this.#active;
    const bytes = pool.recordBytes(record);
    if (active !== undefined && active.segment.end + bytes <= active.segment.bytes) return active;
    await checkOwner();
    const opened = await pool.open(bytes, {
      group: this.#group,
      privileged: record.privileged,
      // Only the newest of the shared segments may end in what was never synced.
      beforeShared: () => this.#closeActive(),
    });
    if (!opened.segment.own) this.#active = opened;
    return opened;
  }

  async #closeActive(): Promise<void> {
    const active = this.#active;
    this.#active = undefined;
    if (active !== undefined) await this.#closeSegment(active);
  }

  /** Cuts off what was not used, or not synced. Failing at that does no harm: recovery can tell. */
  async #closeSegment({ segment, file }: OpenSegment): Promise<void> {
    try {
      if (segment.bytes > segment.end || !segment.closed) {
        await file.truncate(segment.end);
        if (this.#options.fsync) await file.sync();
        segment.bytes = segment.end;
      }
    } catch {
      // It takes more room than it needs.
    }
    await file.close().catch(() => {});
    segment.closed = true;
    this.#options.onClosed(segment);
  }

  #explain(error: unknown): DeliveryError {
    if (error instanceof DeliveryError) return error;
    const { directory, retryMs } = this.#options;
    return codeOf(error) === 'ENOSPC'
      ? storageFull(`no space is left on the disk of ${directory}`, retryMs, error)
      : storageFailed(directory, retryMs, error);
  }

  /** For a while, whoever comes is refused without touching the disk. */
  #refuseFor(reason: DeliveryError): void {
    const { clock, retryMs } = this.#options;
    this.#refusal = { untilMs: clock.monotonic() + retryMs, reason };
  }

  /** Nothing can be written at this time. What may use the reserve waits for its own turn, unless it was its turn. */
  #refuseWaiting(reason: DeliveryError, error: unknown): void {
    const tried = this.#waiting.shift();
    tried?.onRefused(reason);
    const again: LogRecord[] = [];
    for (const record of this.#waiting.drain()) {
      const full = error instanceof DeliveryError && record.privileged && tried?.privileged !== true;
      if (full) again.push(record);
      else record.onRefused(reason);
    }
    for (const record of again) this.#waiting.push(record);
  }
}
