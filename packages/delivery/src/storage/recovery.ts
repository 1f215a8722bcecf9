import path from 'node:path';
import { readDirectoryHeader, refuseNewer, writeDirectoryHeader } from './directory-header.ts';
import { DIRECTORY_HEADER, segmentPath, sortNames } from './directory-layout.ts';
import { decodeMarks } from './done-marks.ts';
import type { FileSystem } from './file-system.ts';
import { quarantine, quarantinedBytes } from './quarantine.ts';
import type { Quarantined } from './quarantine.ts';
import { decodeBody } from './record-body.ts';
import { RECORD_HEADER_BYTES, seedOf } from './record-header.ts';
import type { Recovered } from './recovery-report.ts';
import { RecoveredEntries } from './recovered-entries.ts';
import { cutFile, digHole, isBlank, restoreHeader } from './repair.ts';
import type { StorageKeys } from './sealing.ts';
import {
  decodeSegmentHeader,
  FORMAT_VERSION,
  KEY_ID_BYTES,
  SALT_BYTES,
  SEGMENT_HEADER_BYTES,
  STORE_ID_BYTES,
} from './segment-header.ts';
import type { SegmentHeader } from './segment-header.ts';
import { scanSegment } from './segment-scan.ts';
import type { BadRegion, ScannedRecord } from './segment-scan.ts';
import { Segment, SegmentTable } from './segment.ts';
import { StateIndex } from './state-index.ts';

export interface RecoveryOptions {
  readonly files: FileSystem;
  readonly directory: string;
  readonly keys: StorageKeys;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Whether torn ends are cut and damaged parts quarantined, or everything is only looked at. */
  readonly repair: boolean;
}

/** Whether segments are of a store, or there are none to ask. */
function isKnownTo(headers: readonly SegmentHeader[], storeId: Uint8Array): boolean {
  return headers.length === 0 || headers.some((header) => Buffer.from(storeId).equals(header.storeId));
}

function unreadableHeaders(): Error {
  const message = 'its header is damaged, and the disk does not give out those of its segments at this time';
  return Object.assign(new Error(message), { code: 'EIO' });
}

/** A segment that cannot be read holds fewer records than this. */
const UNREAD_GAP = 2 ** 28;

/** Of ends that do not check, copies are kept as long as no more than this was put aside. */
const TORN_COPIES_BYTES_MAX = 64 * 1024 * 1024;

interface ScannedSegment {
  readonly segment: Segment;
  readonly header: SegmentHeader | undefined;
  readonly firstGroup: number;
  readonly regions: readonly BadRegion[];
  readonly fileBytes: number;
  readonly records: number;
}

/** Reads a directory from end to end. Memory is bounded by what it says of the entries, not by their payloads. */
export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #table = new SegmentTable();
  readonly #entries = new RecoveredEntries();
  readonly #state = new StateIndex();
  readonly #quarantined: Quarantined[] = [];
  readonly #torn: Quarantined[] = [];
  readonly #unreadable = new Set<string>();
  #tornBytes = 0;
  #lastSequence = 0;
  #lastGroup = 0;
  #lastSegment = 0;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** Throws a ComponentError when the directory can't be used at all: a newer format, an unknown key, no access. */
  async run(): Promise<Recovered> {
    const { files, directory, repair } = this.#options;
    const listing = sortNames(await files.list(directory));
    const foreign = [...listing.foreign];
    if (repair) for (const name of listing.unfinished) await files.unlink(path.join(directory, name));
    const headers = new Map<number, { header: SegmentHeader | 'unread' | undefined; bytes: number }>();
    for (const number of listing.segments) {
      const file = segmentPath(directory, number);
      this.#lastSegment = Math.max(this.#lastSegment, number);
      if ((await files.status(file)).kind === 'file') headers.set(number, await this.#readHeader(file));
      else foreign.push(path.basename(file));
    }
    const storeId = await this.#storeId([...headers.values()].map(({ header }) => header));
    const scanned: ScannedSegment[] = [];
    for (const [number, { header, bytes }] of headers) {
      if (header === 'unread') scanned.push(this.#unread(number, storeId, bytes));
      else if (header === undefined || (header.segment === number && Buffer.from(storeId).equals(header.storeId)))
        scanned.push(await this.#scan(number, storeId, header, bytes));
      else foreign.push(path.basename(segmentPath(directory, number)));
    }
    const newest = scanned.findLast(({ segment }) => !segment.own);
    for (const each of scanned) await this.#mend(each, each === newest, storeId);
    // What cannot be read now may hold later ones than are known. They must not be used twice.
    const gap = this.#unreadable.size > 0 ? UNREAD_GAP : 1;
    const { queues, surplus } = this.#entries.settle(this.#table);
    this.#state.settle(this.#table);
    let entries = 0;
    for (const queue of queues.values()) entries += queue.length;
    for (const segment of this.#table.values()) {
      for (const target of segment.marks.keys()) {
        if (target === segment.number || this.#table.get(target) === undefined) segment.marks.delete(target);
      }
    }
    return {
      storeId,
      table: this.#table,
      queues,
      surplus,
      state: this.#state,
      nextSequence: this.#lastSequence + gap,
      nextGroup: this.#lastGroup + gap,
      nextSegment: this.#lastSegment + 1,
      report: {
        segments: this.#table.size,
        bytes: this.#table.bytes,
        entries,
        tornBytes: this.#tornBytes,
        quarantined: this.#quarantined,
        torn: this.#torn,
        unreadable: [...this.#unreadable],
        foreign: foreign.toSorted(),
      },
    };
  }

  async #readHeader(file: string): Promise<{ header: SegmentHeader | 'unread' | undefined; bytes: number }> {
    const { files } = this.#options;
    const { bytes } = await files.status(file);
    const open = await files.open(file, 'read');
    try {
      const block = Buffer.alloc(SEGMENT_HEADER_BYTES);
      const header = decodeSegmentHeader(block.subarray(0, await open.read(block, 0)));
      if (header !== undefined) refuseNewer(header.version, file);
      return { header, bytes };
    } catch (error) {
      if ((error as { code?: string }).code !== 'EIO') throw error;
      return { header: 'unread', bytes };
    } finally {
      await open.close();
    }
  }

  /**
   * From the directory's header, or else from the segments, which all know it, too. Throws where the disk gives none of them
   * out at this time: with an id of its own, the segments would be foreign.
   */
  async #storeId(headers: readonly (SegmentHeader | 'unread' | undefined)[]): Promise<Uint8Array> {
    const { files, directory, randomBytes, repair } = this.#options;
    const known = await readDirectoryHeader(files, directory);
    const read = headers.filter((header) => typeof header === 'object');
    if (typeof known === 'object' && (known.isChecked || isKnownTo(read, known.storeId))) return known.storeId;
    const fromSegment = read.at(-1)?.storeId;
    if (fromSegment === undefined && headers.includes('unread')) throw unreadableHeaders();
    if (known !== 'missing') {
      const file = path.join(directory, DIRECTORY_HEADER);
      const { bytes } = await files.status(file);
      const reason = 'header of the storage does not match its checksum';
      await this.#quarantine(file, { offset: 0, end: bytes, reason });
    }
    const storeId = fromSegment ?? randomBytes(STORE_ID_BYTES);
    if (repair) await writeDirectoryHeader(files, directory, storeId);
    return storeId;
  }

  /** A segment of which not even the header can be read now, as may be possible later: it is left alone. */
  #unread(number: number, storeId: Uint8Array, fileBytes: number): ScannedSegment {
    const file = segmentPath(this.#options.directory, number);
    const header = undefined;
    const segment = this.#segment(number, storeId, { header, bytes: fileBytes });
    this.#unreadable.add(path.basename(file));
    segment.addLive(0);
    return { segment, header, firstGroup: Infinity, regions: [], fileBytes, records: 0 };
  }

  #segment(
    number: number,
    storeId: Uint8Array,
    { header, bytes }: { readonly header: SegmentHeader | undefined; readonly bytes: number },
  ): Segment {
    const { directory, keys } = this.#options;
    const file = segmentPath(directory, number);
    const cipher = header && keys.cipherFor(header, file);
    const own = header?.own ?? false;
    const segment = new Segment({ number, path: file, own, storeId, cipher, bytes, end: bytes });
    segment.closed = true;
    this.#table.add(segment);
    return segment;
  }

  async #scan(number: number, storeId: Uint8Array, header: SegmentHeader | undefined, fileBytes: number) {
    const { files } = this.#options;
    const segment = this.#segment(number, storeId, { header, bytes: fileBytes });
    const file = segment.path;
    let firstGroup = header?.firstGroup ?? Infinity;
    let records = 0;
    let regions: readonly BadRegion[] = [];
    const open = await files.open(file, 'read');
    try {
      const scan = await scanSegment(
        open,
        { bytes: fileBytes, seed: seedOf(storeId, number) },
        (record) => (record.kind === 'entry' ? record.nameBytes : record.payloadBytes),
        (record) => {
          records += 1;
          if (record.header.kind === 'hole') return;
          firstGroup = Math.min(firstGroup, record.header.group);
          this.#take(segment, record);
        },
      );
      ({ regions } = scan);
    } catch (error) {
      // What can't be read now may be readable later, elsewhere: the file is kept.
      if ((error as { code?: string }).code !== 'EIO') throw error;
      this.#unreadable.add(path.basename(file));
      segment.addLive(0);
    }
    return { segment, header, firstGroup, regions, fileBytes, records };
  }

  #take(segment: Segment, { offset, header, payload }: ScannedRecord): void {
    const { kind, sequence, items, dataBytes } = header;
    const bytes = RECORD_HEADER_BYTES + header.payloadBytes;
    this.#lastSequence = Math.max(this.#lastSequence, sequence);
    this.#lastGroup = Math.max(this.#lastGroup, header.group);
    if (kind === 'marks') {
      const marks = decodeMarks(payload);
      this.#lastSegment = Math.max(this.#lastSegment, marks.segment);
      for (let at = 0; at < marks.runs.length; at += 2) {
        this.#lastSequence = Math.max(this.#lastSequence, marks.runs[at] + marks.runs[at + 1] - 1);
      }
      this.#entries.mark(marks);
      segment.addMarks(marks.segment, bytes);
      return;
    }
    // The segment's header is lost and with it what its key was derived from.
    if (header.sealed && segment.cipher === undefined) return;
    const place = { segment: segment.number, offset, bytes };
    if (kind === 'entry') {
      const queue = payload.toString('utf8', 0, header.nameBytes);
      this.#entries.add(queue, { ...place, sequence, items, dataBytes });
      return;
    }
    const body = decodeBody(header, payload, offset, segment);
    if (body === undefined) return;
    const value = header.deleted ? undefined : Buffer.from(body.data);
    this.#state.recover(body.name, body.meta.toString(), { ...place, sequence, value, newestSegment: items });
  }

  /** Cuts what was never acknowledged; quarantines what was. */
  async #mend(scanned: ScannedSegment, newest: boolean, storeId: Uint8Array): Promise<void> {
    const { segment, header, regions, fileBytes, records } = scanned;
    const { files, repair } = this.#options;
    if (this.#unreadable.has(path.basename(segment.path))) return;
    if (records === 0) {
      await this.#mendEmpty(scanned, newest);
      return;
    }
    if (header === undefined) {
      const reason = 'segment header does not match its checksum';
      const kept = await this.#quarantine(segment.path, { offset: 0, end: fileBytes, reason });
      if (kept && repair) await restoreHeader(files, segment.path, this.#plainHeader(scanned, storeId));
    }
    for (const region of regions) {
      const last = region.end === fileBytes && region.groupAfter === undefined;
      const lastGroup = this.#unreadable.size > 0 ? Infinity : this.#lastGroup;
      const torn =
        (last && newest) ||
        (region.groupBefore ?? scanned.firstGroup) >= lastGroup ||
        (region.groupAfter === lastGroup && region.offset >= region.groupOffset!);
      const blank = last && (await isBlank(files, segment.path, region));
      if (torn && !blank) await this.#putTornAside(segment.path, region);
      const mend = torn || blank || (await this.#quarantine(segment.path, region));
      if (!mend) continue;
      if (last) segment.end = region.offset;
      if (!repair) continue;
      if (last) {
        await cutFile(files, segment.path, region.offset);
        segment.bytes = region.offset;
      } else await digHole(files, segment, region);
    }
  }

  async #mendEmpty({ segment, fileBytes, regions, firstGroup }: ScannedSegment, newest: boolean): Promise<void> {
    const { files, directory, repair } = this.#options;
    const whole = { offset: 0, end: fileBytes };
    const blank = await isBlank(files, segment.path, {
      offset: Math.min(SEGMENT_HEADER_BYTES, fileBytes),
      end: fileBytes,
    });
    const torn = newest || (segment.own && firstGroup >= this.#lastGroup);
    let dispensable = blank || torn;
    if (!dispensable) {
      dispensable = await this.#quarantine(segment.path, {
        ...whole,
        reason: regions[0]?.reason ?? 'segment is cut off',
      });
    } else if (!blank) await this.#putTornAside(segment.path, whole);
    if (!dispensable) {
      segment.addLive(0);
      return;
    }
    this.#table.remove(segment.number);
    if (!repair) return;
    await files.unlink(segment.path);
    await files.syncDirectory(directory);
  }

  /** True when the damaged part is safe elsewhere, and may go from here. */
  async #quarantine(file: string, part: { offset: number; end: number; reason: string }): Promise<boolean> {
    const { files, directory, repair } = this.#options;
    const { offset, end, reason } = part;
    const bytes = end - offset;
    const report = repair
      ? await quarantine(files, directory, { file, offset, bytes, reason })
      : { file: path.basename(file), offset, bytes, reason, copy: undefined };
    this.#quarantined.push(report);
    return !repair || report.copy !== undefined;
  }

  /** What a crash left half written and what was damaged later look the same in the last group: a copy is kept, up to a bound. */
  async #putTornAside(file: string, { offset, end }: { offset: number; end: number }): Promise<void> {
    const { files, directory, repair } = this.#options;
    const bytes = end - offset;
    this.#tornBytes += bytes;
    const reason = 'the last group does not match its checksums: half-written by a crash, or damaged';
    const hasRoom = repair && (await quarantinedBytes(files, directory)) + bytes <= TORN_COPIES_BYTES_MAX;
    this.#torn.push(
      hasRoom
        ? await quarantine(files, directory, { file, offset, bytes, reason })
        : { file: path.basename(file), offset, bytes, reason, copy: undefined },
    );
  }

  #plainHeader({ segment, firstGroup }: ScannedSegment, storeId: Uint8Array): SegmentHeader {
    return {
      version: FORMAT_VERSION,
      storeId,
      segment: segment.number,
      own: segment.own,
      firstGroup: Number.isFinite(firstGroup) ? firstGroup : 0,
      keyId: new Uint8Array(KEY_ID_BYTES),
      salt: new Uint8Array(SALT_BYTES),
    };
  }
}
