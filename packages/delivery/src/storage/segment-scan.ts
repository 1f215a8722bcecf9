import { crc32 } from 'node:zlib';
import type { OpenFile } from './file-system.ts';
import { placeOf, readRecordHeader, RECORD_HEADER_BYTES, RECORD_MAGIC } from './record-header.ts';
import type { RecordHeader } from './record-header.ts';
import { SEGMENT_HEADER_BYTES } from './segment-header.ts';

/** A record that checks. */
export interface ScannedRecord {
  readonly offset: number;
  readonly header: RecordHeader;
  /** As it stands in the file; only as much as was asked for. */
  readonly payload: Buffer;
}

/** Bytes in which no record checks, between two that do or up to the end. */
export interface BadRegion {
  readonly offset: number;
  readonly end: number;
  /** Groups of the records before and after it, if there are any. */
  readonly groupBefore: number | undefined;
  readonly groupAfter: number | undefined;
  /** Where the group of the record after it begins. */
  readonly groupOffset: number | undefined;
  readonly reason: 'no valid record header' | 'payload does not match its checksum' | 'record is cut off';
}

export interface ScanResult {
  readonly regions: readonly BadRegion[];
  readonly bytes: number;
}

const WINDOW_BYTES = 1024 * 1024;

/**
 * Reads a segment from end to end, at a bounded use of memory, and reports every record that checks, holes included.
 * Where one doesn't, it goes on with the next that does. `keep` says how much of a payload is wanted.
 */
export async function scanSegment(
  file: OpenFile,
  { bytes, seed }: { readonly bytes: number; readonly seed: number },
  keep: (header: RecordHeader) => number,
  onRecord: (record: ScannedRecord) => void,
): Promise<ScanResult> {
  const window = new Window(file, bytes);
  const regions: BadRegion[] = [];
  let bad: { offset: number; reason: BadRegion['reason'] } | undefined;
  let group: number | undefined;
  let offset = SEGMENT_HEADER_BYTES;

  const endRegion = (end: number, after: RecordHeader | undefined): void => {
    if (bad !== undefined) {
      const { group: groupAfter, groupOffset } = after ?? {};
      regions.push({ ...bad, end, groupBefore: group, groupAfter, groupOffset });
    }
    bad = undefined;
  };

  while (offset < bytes) {
    const at = await window.reach(offset, RECORD_HEADER_BYTES);
    const header = readRecordHeader(window.view, at, placeOf(seed, offset));
    if (header === undefined) {
      bad ??= { offset, reason: 'no valid record header' };
      offset = await window.findMagic(offset + 1);
      continue;
    }
    const payloadAt = offset + RECORD_HEADER_BYTES;
    const end = payloadAt + header.payloadBytes;
    if (end > bytes) {
      bad ??= { offset, reason: 'record is cut off' };
      offset = await window.findMagic(offset + 1);
      continue;
    }
    const kept = header.kind === 'hole' ? 0 : keep(header);
    const payload = header.kind === 'hole' ? window.none : await window.check(payloadAt, header, kept);
    if (payload === undefined) {
      bad ??= { offset, reason: 'payload does not match its checksum' };
    } else {
      endRegion(offset, header);
      // A hole says nothing about which groups were synced.
      if (header.kind !== 'hole') group = header.group;
      onRecord({ offset, header, payload });
    }
    offset = end;
  }
  endRegion(bytes, undefined);
  return { regions, bytes };
}

/** A part of a file in memory that moves forward. */
class Window {
  readonly none = Buffer.alloc(0);
  view: Buffer = this.none;
  readonly #buffer: Buffer;
  readonly #file: OpenFile;
  readonly #fileBytes: number;
  #start = 0;

  constructor(file: OpenFile, fileBytes: number) {
    this.#file = file;
    this.#fileBytes = fileBytes;
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(WINDOW_BYTES, fileBytes));
  }

  /** Makes `wanted` bytes from `offset` (or what the file has of them) visible; returns where they are in the view. */
  async reach(offset: number, wanted: number): Promise<number> {
    const end = Math.min(offset + wanted, this.#fileBytes);
    if (offset < this.#start || end > this.#start + this.view.length) await this.#load(offset);
    return offset - this.#start;
  }

  /** Offset of the next magic number, or the end of the file. */
  async findMagic(from: number): Promise<number> {
    let offset = from;
    while (offset < this.#fileBytes) {
      const at = await this.reach(offset, RECORD_MAGIC.length);
      const found = this.view.indexOf(RECORD_MAGIC, at);
      if (found >= 0) return this.#start + found;
      const end = this.#start + this.view.length;
      if (end >= this.#fileBytes) return this.#fileBytes;
      // It may straddle the end of what is in view.
      offset = Math.max(offset + 1, end - RECORD_MAGIC.length + 1);
      if (offset < end) await this.#load(offset);
    }
    return this.#fileBytes;
  }

  /** The first `keep` bytes of a payload, if all of it matches its checksum. */
  async check(offset: number, header: RecordHeader, keep: number): Promise<Buffer | undefined> {
    const kept = keep === 0 ? this.none : Buffer.allocUnsafeSlow(keep);
    let crc = 0;
    let done = 0;
    while (done < header.payloadBytes) {
      const at = await this.reach(offset + done, Math.min(header.payloadBytes - done, WINDOW_BYTES));
      const part = this.view.subarray(at, at + header.payloadBytes - done);
      // The file became shorter while it was read.
      if (part.length === 0) return undefined;
      crc = crc32(part, crc);
      if (done < keep) part.copy(kept, done, 0, Math.min(part.length, keep - done));
      done += part.length;
    }
    return crc === header.payloadCrc ? kept : undefined;
  }

  async #load(offset: number): Promise<void> {
    const read = await this.#file.read(this.#buffer, offset);
    this.#start = offset;
    this.view = this.#buffer.subarray(0, read);
  }
}
