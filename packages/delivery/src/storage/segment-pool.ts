import path from 'node:path';
import { segmentPath } from './directory-layout.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import { codeOf } from './file-system.ts';
import { recordBytes } from './record-body.ts';
import type { RecordContent } from './record-body.ts';
import type { StorageKeys } from './sealing.ts';
import { encodeSegmentHeader, FORMAT_VERSION, SALT_BYTES, SEGMENT_HEADER_BYTES } from './segment-header.ts';
import { Segment } from './segment.ts';
import type { SegmentTable } from './segment.ts';
import { storageFull } from './storage-errors.ts';
import { unlinkIfThere } from './whole-file.ts';

export interface SegmentPoolOptions {
  readonly files: FileSystem;
  readonly directory: string;
  readonly storeId: Uint8Array;
  readonly keys: StorageKeys;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly table: SegmentTable;
  readonly segmentBytes: number;
  readonly bytesMax: number;
  readonly freeBytesMin: number;
  readonly retryMs: number;
  readonly fsync: boolean;
  readonly nextSegment: number;
}

/** A segment with its file, open for writing. */
export interface OpenSegment {
  readonly segment: Segment;
  readonly file: OpenFile;
}

/** A file of the usual size that is not a segment yet. */
interface Spare {
  readonly path: string;
  readonly file: OpenFile;
}

/** Freed segments that are kept for use again: a queue that is a few segments long then needs no zeros written. */
const RECYCLED_MAX = 4;

/**
 * Makes segments, within the quota. Segments of the usual size are made ahead, so that nobody waits for their zeros to
 * be written, and are made from ones that were freed where possible: their blocks are allocated already.
 */
export class SegmentPool {
  readonly #options: SegmentPoolOptions;
  #nextSegment: number;
  #sparesMade = 0;
  readonly #spares: Spare[] = [];
  #preparing: Promise<void> | undefined;

  constructor(options: SegmentPoolOptions) {
    this.#options = options;
    this.#nextSegment = options.nextSegment;
  }

  /** The number that the next segment will have. */
  get nextSegment(): number {
    return this.#nextSegment;
  }

  /** What a record will take in a segment that is made now. */
  recordBytes(content: RecordContent): number {
    return recordBytes(content, { sealed: this.#options.keys.encrypts });
  }

  /** Whether a record is too large for a segment of the usual size. */
  needsOwn(content: RecordContent): boolean {
    return this.recordBytes(content) > this.#options.segmentBytes - SEGMENT_HEADER_BYTES;
  }

  /** Room that is taken ahead. */
  get spareBytes(): number {
    return (this.#spares.length + (this.#preparing === undefined ? 0 : 1)) * this.#options.segmentBytes;
  }

  /**
   * A segment that is empty, durable and has room for `recordBytes`. `privileged`: may use the reserve that is kept for
   * what frees other room. `beforeShared` runs right before a segment of the usual size gets its name. Rejects with STORAGE_FULL when it would pass the quota or the free-space reserve.
   */
  async open(
    recordBytes: number,
    { group, privileged, beforeShared }: { group: number; privileged: boolean; beforeShared: () => Promise<void> },
  ): Promise<OpenSegment> {
    const { files, directory, storeId, keys, randomBytes, segmentBytes, fsync } = this.#options;
    const own = recordBytes > segmentBytes - SEGMENT_HEADER_BYTES;
    const bytes = own ? SEGMENT_HEADER_BYTES + recordBytes : segmentBytes;
    if (!own && this.#spares.length === 0) await this.#preparing;
    if (own || this.#spares.length === 0) await this.#allow(bytes, privileged);
    if (!own && this.#spares.length === 0) await this.#prepare();
    const spare = own ? undefined : this.#spares.shift();
    const number = this.#nextSegment++;
    const salt = randomBytes(SALT_BYTES);
    const header = {
      version: FORMAT_VERSION,
      storeId,
      segment: number,
      own,
      firstGroup: group,
      keyId: keys.currentId,
      salt,
    };
    const target = segmentPath(directory, number);
    const temporary = spare?.path ?? target.replace(/seg$/, 'new');
    const file = spare?.file ?? (await files.open(temporary, 'create'));
    try {
      await file.write([encodeSegmentHeader(header)], 0);
      if (fsync) await file.sync();
      if (!own) await beforeShared();
      await files.rename(temporary, target);
      if (fsync) await files.syncDirectory(directory);
    } catch (error) {
      await file.close().catch(() => {});
      for (const name of [temporary, target]) await unlinkIfThere(files, name).catch(() => {});
      throw error;
    }
    const cipher = keys.cipherFor(header, target);
    const segment = new Segment({ number, path: target, own, storeId, cipher, bytes, end: SEGMENT_HEADER_BYTES });
    this.#options.table.add(segment);
    return { segment, file };
  }

  /** Makes a segment ahead, if there is room for it; failures show when it is needed. */
  prepareAhead(): void {
    if (this.#spares.length > 0 || this.#preparing !== undefined) return;
    const making = this.#allow(this.#options.segmentBytes, false)
      .then(() => this.#prepare())
      .catch(() => {})
      .finally(() => {
        this.#preparing = undefined;
      });
    this.#preparing = making;
  }

  /** Takes the file of a segment that is not needed any more, if there is use for it. */
  async recycle(segment: Segment): Promise<boolean> {
    const { files, segmentBytes, fsync, directory } = this.#options;
    await this.#preparing;
    if (segment.own || !this.#hasUseForSpare() || segment.bytes < segmentBytes * 0.75) return false;
    const spare = this.#sparePath();
    await files.rename(segment.path, spare);
    segment.removed = true;
    // The name must be gone before anything is written into the file.
    if (fsync) await files.syncDirectory(directory);
    const filling = (async () => {
      const file = await files.open(spare, 'write');
      try {
        await file.preallocate(segmentBytes);
        if (fsync) await file.sync();
        this.#spares.push({ path: spare, file });
      } catch {
        await file.close();
        await unlinkIfThere(files, spare);
      }
    })();
    this.#preparing = filling
      .catch(() => {})
      .finally(() => {
        this.#preparing = undefined;
      });
    return true;
  }

  /** Gives the room of what was made ahead back. */
  async close(): Promise<void> {
    await this.#preparing;
    for (const { path: spare, file } of this.#spares.splice(0)) {
      await file.close();
      await unlinkIfThere(this.#options.files, spare);
    }
  }

  /** More than one is kept only where the quota is far away. */
  #hasUseForSpare(): boolean {
    const { table, bytesMax } = this.#options;
    const count = this.#spares.length;
    return count === 0 || (count < RECYCLED_MAX && table.bytes + this.spareBytes <= bytesMax / 2);
  }

  async #allow(bytes: number, privileged: boolean): Promise<void> {
    const { files, directory, table, bytesMax, freeBytesMin, segmentBytes, retryMs } = this.#options;
    const used = table.bytes + this.spareBytes;
    const reserve = privileged ? segmentBytes : 0;
    if (used + bytes > bytesMax + reserve) {
      throw storageFull(`${directory} uses ${used} of the ${bytesMax} bytes that it may`, retryMs);
    }
    const free = await files.freeBytes(directory);
    if (free + reserve < freeBytesMin + bytes) {
      throw storageFull(
        `${free} bytes are free on the disk of ${directory}, of which ${freeBytesMin} are kept free`,
        retryMs,
      );
    }
  }

  async #prepare(): Promise<void> {
    const { files, segmentBytes, fsync, retryMs, directory } = this.#options;
    const spare = this.#sparePath();
    await unlinkIfThere(files, spare);
    const file = await files.open(spare, 'create');
    try {
      await file.preallocate(segmentBytes);
      if (fsync) await file.sync();
      this.#spares.push({ path: spare, file });
    } catch (error) {
      await file.close().catch(() => {});
      await unlinkIfThere(files, spare).catch(() => {});
      if (codeOf(error) === 'ENOSPC') throw storageFull(`no space is left on the disk of ${directory}`, retryMs, error);
      throw error;
    }
  }

  #sparePath(): string {
    this.#sparesMade += 1;
    return path.join(this.#options.directory, `spare-${this.#sparesMade}.new`);
  }
}
