import { corrupt, unsupported } from './codec-error.ts';
import { xxh32 } from './xxh32.ts';

/** First four bytes of an LZ4 frame, as a little-endian number. */
export const LZ4_MAGIC = 0x184d2204;
/** Bytes of the frame descriptor that are always there: FLG, BD and the header checksum. */
export const LZ4_DESCRIPTOR_BYTES_MIN = 3;

/** What an LZ4 frame's descriptor says (LZ4 frame format 1.6). */
export interface Lz4FrameHeader {
  readonly linkedBlocks: boolean;
  readonly blockChecksums: boolean;
  readonly contentChecksum: boolean;
  /** Decompressed size of the frame; undefined if not declared. */
  readonly contentBytes: number | undefined;
  /** No block decompresses to more. */
  readonly blockBytesMax: number;
}

/** Length of the whole descriptor whose first byte is `flags`. */
export function lz4DescriptorBytes(flags: number): number {
  return LZ4_DESCRIPTOR_BYTES_MIN + (flags & FLAG_CONTENT_SIZE ? 8 : 0) + (flags & FLAG_DICTIONARY ? 4 : 0);
}

/** Reads a frame descriptor of exactly {@link lz4DescriptorBytes}; `offset` is where it lies in the input, for errors. */
export function parseLz4FrameHeader(descriptor: Uint8Array, offset: number): Lz4FrameHeader {
  const flags = descriptor[0];
  const blockDescriptor = descriptor[1];
  const length = descriptor.byteLength;
  if (flags >>> 6 !== 1) throw unsupported('lz4', `frame has version ${flags >>> 6}, only 1 is known`, offset);
  if (((xxh32(descriptor.subarray(0, length - 1)) >>> 8) & 0xff) !== descriptor[length - 1]) {
    throw corrupt('lz4', 'frame header does not match its checksum', offset);
  }
  if (flags & 2 || blockDescriptor & 0x8f) throw corrupt('lz4', 'frame header has reserved bits set', offset);
  if (flags & FLAG_DICTIONARY) throw unsupported('lz4', 'frame needs a dictionary', offset);
  const sizeCode = (blockDescriptor >>> 4) & 7;
  if (sizeCode < 4) throw corrupt('lz4', `frame header has the reserved block size ${sizeCode}`, offset);
  const view = new DataView(descriptor.buffer, descriptor.byteOffset, length);
  return {
    linkedBlocks: (flags & 0x20) === 0,
    blockChecksums: (flags & 0x10) !== 0,
    contentChecksum: (flags & 4) !== 0,
    contentBytes: flags & FLAG_CONTENT_SIZE ? Number(view.getBigUint64(2, true)) : undefined,
    blockBytesMax: 1 << (8 + 2 * sizeCode),
  };
}

const FLAG_CONTENT_SIZE = 8;
const FLAG_DICTIONARY = 1;
