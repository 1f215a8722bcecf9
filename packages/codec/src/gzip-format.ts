import { crc32 } from 'node:zlib';
import { corrupt } from './codec-error.ts';

/** Bytes after the deflate data of a gzip member: CRC-32 and size of its content (RFC 1952 section 2.3.1). */
export const GZIP_TRAILER_BYTES = 8;
/** Longest header that is read: the name and the comment have no limit of their own. */
export const GZIP_HEADER_BYTES_MAX = 262_144;

/**
 * Length of the gzip header that begins at the start of `bytes` (RFC 1952 section 2.3); undefined if more bytes are needed.
 * `offset` is where it lies in the input, for errors.
 */
export function gzipHeaderBytes(bytes: Uint8Array, offset: number): number | undefined {
  for (let at = 0; at < SIGNATURE.length && at < bytes.byteLength; at++) {
    if (bytes[at] !== SIGNATURE[at]) throw corrupt('gzip', 'no gzip member begins here', offset);
  }
  if (bytes.byteLength < FIXED_BYTES) return undefined;
  const flags = bytes[3];
  if (flags & FLAGS_RESERVED) throw corrupt('gzip', 'header has reserved flags set', offset);
  let end = FIXED_BYTES;
  if (flags & FLAG_EXTRA) {
    if (bytes.byteLength < end + 2) return undefined;
    end += 2 + (bytes[end] | (bytes[end + 1] << 8));
  }
  for (const text of [FLAG_NAME, FLAG_COMMENT]) {
    if ((flags & text) === 0) continue;
    const zero = bytes.indexOf(0, end);
    if (zero < 0) return tooShort(bytes, offset);
    end = zero + 1;
  }
  if (flags & FLAG_HEADER_CRC) {
    end += 2;
    if (bytes.byteLength >= end && (crc32(bytes.subarray(0, end - 2)) & 0xffff) !== readUint16(bytes, end - 2)) {
      throw corrupt('gzip', 'header does not match its checksum', offset);
    }
  }
  return bytes.byteLength < end ? tooShort(bytes, offset) : end;
}

function tooShort(bytes: Uint8Array, offset: number): undefined {
  if (bytes.byteLength >= GZIP_HEADER_BYTES_MAX) {
    throw corrupt('gzip', `header is longer than ${GZIP_HEADER_BYTES_MAX} bytes`, offset);
  }
}

/** Throws unless the trailer fits the content. `offset` is the trailer's, for errors. */
export function assertGzipTrailer(trailer: Uint8Array, content: { crc: number; bytes: number }, offset: number): void {
  const view = new DataView(trailer.buffer, trailer.byteOffset, GZIP_TRAILER_BYTES);
  if (view.getUint32(0, true) !== content.crc) throw corrupt('gzip', 'content does not match its checksum', offset);
  if (view.getUint32(4, true) !== content.bytes % 2 ** 32) {
    throw corrupt('gzip', `content has ${content.bytes} bytes, not as many as its trailer says`, offset);
  }
}

/** Zero bytes after the last member are padding (tapes, tar), and are passed over as the gzip program does. */
export function isPadding(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}

function readUint16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

const SIGNATURE = [0x1f, 0x8b, 8];
const FIXED_BYTES = 10;
const FLAG_HEADER_CRC = 2;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;
const FLAG_COMMENT = 16;
const FLAGS_RESERVED = 0xe0;
