import type { ByteParser } from './byte-parser.ts';
import { corrupt, truncated, unsupported } from './codec-error.ts';
import { isSkippableMagic, skipFrame } from './skippable-frame.ts';
import { readUint32 } from './little-endian.ts';

/** First four bytes of a zstd frame, as a little-endian number. */
export const ZSTD_MAGIC = 0xfd2fb528;

/** A part of a zstd frame, whole, as it is fed to a decompressor. The bytes are valid until the parser is resumed. */
export type ZstdPiece =
  | {
      readonly kind: 'header';
      readonly offset: number;
      readonly bytes: Uint8Array;
      readonly contentBytes: number | undefined;
    }
  | { readonly kind: 'block'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly offset: number; readonly bytes: Uint8Array };

/**
 * Walks over any number of zstd frames (RFC 8878) and skippable frames without decompressing, and yields their pieces:
 * one `header`, the `block`s, one `end` (with the 4 bytes of the checksum, or with none). So a decompressor can be given
 * exactly one block at a time, and every error has an exact offset. Nothing else may follow the last frame.
 */
export function* zstdFrames(): ByteParser<ZstdPiece> {
  let offset = 0;
  while (true) {
    const magicBytes = yield 4;
    if (magicBytes.byteLength === 0) return;
    if (magicBytes.byteLength < 4) throw truncated('zstd', 'a frame magic', offset + magicBytes.byteLength);
    const magic = readUint32(magicBytes);
    offset += 4;
    if (magic === ZSTD_MAGIC) offset = yield* frame(offset);
    else if (isSkippableMagic(magic)) offset = yield* skipFrame('zstd', offset);
    else throw corrupt('zstd', 'no zstd frame begins here', offset - 4);
  }
}

/** Parses the frame whose magic ended at `offset`; returns where the frame ends. */
function* frame(offset: number): Generator<number | ZstdPiece, number, Uint8Array> {
  const descriptorBytes = yield 1;
  if (descriptorBytes.byteLength === 0) throw truncated('zstd', 'a frame header', offset);
  const descriptor = descriptorBytes[0];
  const wanted = fieldBytes(descriptor);
  const fields = yield wanted;
  if (fields.byteLength < wanted) throw truncated('zstd', 'a frame header', offset + 1 + fields.byteLength);
  const header = new Uint8Array(5 + wanted);
  header.set(MAGIC_BYTES);
  header[4] = descriptor;
  header.set(fields, 5);
  const contentBytes = readHeader(descriptor, header.subarray(5), offset);
  yield { kind: 'header', offset: offset - 4, bytes: header, contentBytes };
  offset += 1 + wanted;

  let last = false;
  while (!last) {
    const blockHeader = yield 3;
    if (blockHeader.byteLength < 3) throw truncated('zstd', 'a block header', offset + blockHeader.byteLength);
    const [first, second, third] = blockHeader as unknown as [number, number, number];
    last = (first & 1) === 1;
    const type = (first >>> 1) & 3;
    const size = (first >>> 3) | (second << 5) | (third << 13);
    if (type === BLOCK_RESERVED) throw corrupt('zstd', 'block has the reserved type', offset);
    if (size > BLOCK_BYTES_MAX && type !== BLOCK_REPEATED) throw corrupt('zstd', `block of ${size} bytes`, offset);
    const bodyBytes = type === BLOCK_REPEATED ? 1 : size;
    const body = yield bodyBytes;
    if (body.byteLength < bodyBytes) throw truncated('zstd', 'a block', offset + 3 + body.byteLength);
    const bytes = new Uint8Array(3 + bodyBytes);
    bytes[0] = first;
    bytes[1] = second;
    bytes[2] = third;
    bytes.set(body, 3);
    yield { kind: 'block', offset, bytes };
    offset += bytes.byteLength;
  }

  const checksumBytes = descriptor & FLAG_CHECKSUM ? 4 : 0;
  const checksum = checksumBytes === 0 ? NOTHING : yield checksumBytes;
  if (checksum.byteLength < checksumBytes) throw truncated('zstd', 'a checksum', offset + checksum.byteLength);
  yield { kind: 'end', offset, bytes: checksum };
  return offset + checksumBytes;
}

/** How many bytes follow the descriptor: window descriptor, dictionary id and content size (RFC 8878 section 3.1.1.1). */
function fieldBytes(descriptor: number): number {
  const window = descriptor & FLAG_SINGLE_SEGMENT ? 0 : 1;
  return window + DICTIONARY_BYTES[descriptor & 3] + contentSizeBytes(descriptor);
}

function contentSizeBytes(descriptor: number): number {
  const code = descriptor >>> 6;
  if (code === 0) return descriptor & FLAG_SINGLE_SEGMENT ? 1 : 0;
  return 1 << code;
}

/** Refuses what is not offered, and returns the declared content size, undefined if none is. */
function readHeader(descriptor: number, fields: Uint8Array, offset: number): number | undefined {
  if (descriptor & FLAG_RESERVED) throw corrupt('zstd', 'frame header has its reserved bit set', offset);
  const dictionaryStart = descriptor & FLAG_SINGLE_SEGMENT ? 0 : 1;
  const sizeStart = dictionaryStart + DICTIONARY_BYTES[descriptor & 3];
  for (let at = dictionaryStart; at < sizeStart; at++) {
    if (fields[at] !== 0) throw unsupported('zstd', 'frame needs a dictionary', offset);
  }
  const sizeBytes = contentSizeBytes(descriptor);
  if (sizeBytes === 0) return undefined;
  let size = 0;
  for (let at = sizeBytes - 1; at >= 0; at--) size = size * 256 + fields[sizeStart + at];
  return sizeBytes === 2 ? size + 256 : size;
}

const MAGIC_BYTES = [0x28, 0xb5, 0x2f, 0xfd];
const DICTIONARY_BYTES = [0, 1, 2, 4];
const FLAG_CHECKSUM = 4;
const FLAG_RESERVED = 8;
const FLAG_SINGLE_SEGMENT = 0x20;
const BLOCK_REPEATED = 1;
const BLOCK_RESERVED = 3;
/** No block, compressed or not, is larger (RFC 8878 section 3.1.1.2.3). */
const BLOCK_BYTES_MAX = 131072;
const NOTHING = new Uint8Array(0);
