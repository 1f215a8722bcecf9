import { crc32 } from 'node:zlib';

export const RECORD_HEADER_BYTES = 44;
/** Payload of one record, at most; offsets and lengths are 32-bit. */
export const RECORD_PAYLOAD_BYTES_MAX = 1024 * 1024 * 1024;
/** Length of a queue's or namespace's name, at most. */
export const RECORD_NAME_BYTES_MAX = 1024;
/** What a record begins with; a reader that lost its way looks for it. */
export const RECORD_MAGIC = Buffer.from([0xd7, 0x4d, 0x52, 0x0c]);

const MAGIC = RECORD_MAGIC.readUInt32LE();
const SEALED = 1;
const DELETED = 2;

/**
 * What a record is: `entry`, a load in a queue; `marks`, entries that are done; `state`, a value of the key-value
 * part; `hole`, bytes that are not to be read any more.
 */
export type RecordKind = 'entry' | 'marks' | 'state' | 'hole';
const KINDS: readonly (RecordKind | undefined)[] = [undefined, 'entry', 'marks', 'state', 'hole'];
const KIND_NUMBERS: Readonly<Record<RecordKind, number>> = { entry: 1, marks: 2, state: 3, hole: 4 };

/** The payload is a name in clear, then the body: meta and data, together encrypted where `sealed` says so. */
export interface RecordHeader {
  readonly kind: RecordKind;
  readonly sealed: boolean;
  /** State: the key is deleted. */
  readonly deleted: boolean;
  readonly payloadBytes: number;
  /** CRC-32 of the payload as it stands in the file. */
  readonly payloadCrc: number;
  /** Rises with every record of the store; a copy that compaction made keeps it. 48 bits. */
  readonly sequence: number;
  /** Which group commit wrote it: all groups before the last one are known to have been synced. 48 bits. */
  readonly group: number;
  readonly nameBytes: number;
  /** Entry: items of the load. Deleted state: the newest segment when it was deleted. */
  readonly items: number;
  /** The data's length before encryption; what remains of the body is meta. */
  readonly dataBytes: number;
  /** Where in the segment its group begins: whatever is before was synced. */
  readonly groupOffset: number;
}

/**
 * `place` is the segment's seed xor the offset (see `placeOf`). It goes into the header's checksum, so that a record is
 * valid only where it was written: not in a recycled segment, nor as part of somebody's payload.
 *
 *     0 magic  4 CRC of 8..44 and place  8 payload CRC  12 payload length  16 sequence (6)  22 group, high 2 bytes
 *     24 group, low 4 bytes  28 kind  29 flags  30 name length (2)  32 items  36 data length  40 start of the group (all little-endian)
 */
export function writeRecordHeader(into: Buffer, at: number, header: RecordHeader, place: number): void {
  into.writeUInt32LE(MAGIC, at);
  into.writeUInt32LE(header.payloadCrc, at + 8);
  into.writeUInt32LE(header.payloadBytes, at + 12);
  into.writeUInt32LE(header.sequence >>> 0, at + 16);
  into.writeUInt16LE(Math.floor(header.sequence / 0x1_0000_0000), at + 20);
  into.writeUInt16LE(Math.floor(header.group / 0x1_0000_0000), at + 22);
  into.writeUInt32LE(header.group >>> 0, at + 24);
  into[at + 28] = KIND_NUMBERS[header.kind];
  into[at + 29] = (header.sealed ? SEALED : 0) | (header.deleted ? DELETED : 0);
  into.writeUInt16LE(header.nameBytes, at + 30);
  into.writeUInt32LE(header.items, at + 32);
  into.writeUInt32LE(header.dataBytes, at + 36);
  into.writeUInt32LE(header.groupOffset, at + 40);
  into.writeUInt32LE(crc32(into.subarray(at + 8, at + RECORD_HEADER_BYTES), place), at + 4);
}

/** Undefined when there is no valid header at `at`. */
export function readRecordHeader(from: Buffer, at: number, place: number): RecordHeader | undefined {
  if (from.length - at < RECORD_HEADER_BYTES || from.readUInt32LE(at) !== MAGIC) return undefined;
  if (crc32(from.subarray(at + 8, at + RECORD_HEADER_BYTES), place) !== from.readUInt32LE(at + 4)) return undefined;
  const kind = KINDS[from[at + 28]];
  const payloadBytes = from.readUInt32LE(at + 12);
  const nameBytes = from.readUInt16LE(at + 30);
  if (kind === undefined || (kind !== 'hole' && nameBytes > payloadBytes)) return undefined;
  const flags = from[at + 29];
  return {
    kind,
    sealed: (flags & SEALED) !== 0,
    deleted: (flags & DELETED) !== 0,
    payloadBytes,
    payloadCrc: from.readUInt32LE(at + 8),
    sequence: from.readUInt32LE(at + 16) + from.readUInt16LE(at + 20) * 0x1_0000_0000,
    group: from.readUInt16LE(at + 22) * 0x1_0000_0000 + from.readUInt32LE(at + 24),
    nameBytes,
    items: from.readUInt32LE(at + 32),
    dataBytes: from.readUInt32LE(at + 36),
    groupOffset: from.readUInt32LE(at + 40),
  };
}

/** What all records of a segment mix into their checksums. */
export function seedOf(storeId: Uint8Array, segment: number): number {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(segment);
  return crc32(number, crc32(storeId));
}

export function placeOf(seed: number, offset: number): number {
  return (seed ^ offset) >>> 0;
}
