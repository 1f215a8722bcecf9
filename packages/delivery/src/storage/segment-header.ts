import { crc32 } from 'node:zlib';

/** Room for the header at the start of a segment. */
export const SEGMENT_HEADER_BYTES = 4096;
/** Version of the format of directories and segments; a newer one is refused. */
export const FORMAT_VERSION = 1;
export const STORE_ID_BYTES = 16;
export const SALT_BYTES = 16;
export const KEY_ID_BYTES = 8;

const MAGIC = Buffer.from('MILLSEG\n');
const COPY_BYTES = 80;
/** The header is there twice, in different sectors: losing it would lose the segment. */
const COPIES = [0, SEGMENT_HEADER_BYTES / 2];
const OWN = 1;

export interface SegmentHeader {
  readonly version: number;
  readonly storeId: Uint8Array;
  readonly segment: number;
  /** Made for a single large record, beside the segment that the others go to. */
  readonly own: boolean;
  /** No record in it belongs to an earlier group. */
  readonly firstGroup: number;
  /** Which key its records are encrypted with; all zeros: with none. */
  readonly keyId: Uint8Array;
  /** Random; the segment's own key is derived from it. */
  readonly salt: Uint8Array;
}

/** 0 magic (8)  8 CRC of 12..80  12 version (2)  14 flags (2)  16 store (16)  32 segment  36 first group (8)  44 key (8)  52 salt (16) */
export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  for (const at of COPIES) {
    bytes.set(MAGIC, at);
    bytes.writeUInt16LE(header.version, at + 12);
    bytes.writeUInt16LE(header.own ? OWN : 0, at + 14);
    bytes.set(header.storeId, at + 16);
    bytes.writeUInt32LE(header.segment, at + 32);
    bytes.writeBigUInt64LE(BigInt(header.firstGroup), at + 36);
    bytes.set(header.keyId, at + 44);
    bytes.set(header.salt, at + 52);
    bytes.writeUInt32LE(crc32(bytes.subarray(at + 12, at + COPY_BYTES)), at + 8);
  }
  return bytes;
}

/** Reads whichever copy is intact; undefined when none is. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  for (const at of COPIES) {
    const copy = bytes.subarray(at, at + COPY_BYTES);
    if (copy.length < COPY_BYTES || !copy.subarray(0, 8).equals(MAGIC)) continue;
    if (crc32(copy.subarray(12)) !== copy.readUInt32LE(8)) continue;
    return {
      version: copy.readUInt16LE(12),
      own: (copy.readUInt16LE(14) & OWN) !== 0,
      storeId: Uint8Array.from(copy.subarray(16, 32)),
      segment: copy.readUInt32LE(32),
      firstGroup: Number(copy.readBigUInt64LE(36)),
      keyId: Uint8Array.from(copy.subarray(44, 52)),
      salt: Uint8Array.from(copy.subarray(52, 68)),
    };
  }
  return undefined;
}
