import { crc32 } from 'node:zlib';
import type { OpenFiles } from './open-files.ts';
import { decodeBody } from './record-body.ts';
import type { RecordBody } from './record-body.ts';
import { placeOf, readRecordHeader, RECORD_HEADER_BYTES } from './record-header.ts';
import type { RecordHeader } from './record-header.ts';
import type { Place, Segment } from './segment.ts';

/** Small records that follow each other are read together. */
const AHEAD_BYTES = 256 * 1024;

export interface ReadRecord {
  readonly header: RecordHeader;
  readonly body: RecordBody;
}

/** Reads single records, and checks them. One for each queue: it remembers what it has read ahead. */
export class RecordReader {
  readonly #files: OpenFiles;
  #ahead: { readonly segment: Segment; readonly offset: number; readonly bytes: Buffer } | undefined;

  constructor(files: OpenFiles) {
    this.#files = files;
  }

  /** Undefined when it does not check. Rejects when the disk can't read it. The bytes are the caller's. */
  async read(segment: Segment, place: Place): Promise<ReadRecord | undefined> {
    const record = await this.#bytes(segment, place);
    const header = readRecordHeader(record, 0, placeOf(segment.seed, place.offset));
    if (header === undefined || RECORD_HEADER_BYTES + header.payloadBytes !== place.bytes) return undefined;
    const payload = record.subarray(RECORD_HEADER_BYTES);
    if (crc32(payload) !== header.payloadCrc) return undefined;
    const body = decodeBody(header, payload, place.offset, segment);
    return body && { header, body };
  }

  async #bytes(segment: Segment, { offset, bytes }: Place): Promise<Buffer> {
    if (bytes > AHEAD_BYTES / 4) {
      const record = Buffer.allocUnsafeSlow(bytes);
      const read = await this.#files.use(segment.path, (file) => file.read(record, offset));
      return record.subarray(0, read);
    }
    let ahead = this.#ahead;
    if (ahead?.segment !== segment || offset < ahead.offset || offset + bytes > ahead.offset + ahead.bytes.length) {
      // Only what is durable: bytes beyond are about to change.
      const wanted = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(AHEAD_BYTES, segment.end - offset)));
      const read = await this.#files.use(segment.path, (file) => file.read(wanted, offset));
      ahead = { segment, offset, bytes: wanted.subarray(0, read) };
      this.#ahead = ahead;
    }
    // A copy, and not in Node's pool: whoever gets it may transfer its memory.
    const record = Buffer.allocUnsafeSlow(bytes);
    ahead.bytes.copy(record, 0, offset - ahead.offset);
    return record;
  }
}
