import type { ByteParser } from './byte-parser.ts';
import { corrupt, tooLarge, truncated, unsupported } from './codec-error.ts';
import { crc32c } from './crc32c.ts';
import { concatBytes, type OwnedBytes } from './owned-bytes.ts';
import { snappyCompressBlock, snappyDecompressBlock } from './snappy-block.ts';

/** What a Snappy framed stream begins with: the stream identifier chunk. */
export const SNAPPY_STREAM_IDENTIFIER = Uint8Array.of(0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59);

/** Compresses to the Snappy framing format (framing_format.txt of google/snappy), in chunks of 64 KiB of content. */
export function snappyFramedCompress(bytes: Uint8Array): OwnedBytes {
  const parts: Uint8Array[] = [SNAPPY_STREAM_IDENTIFIER.slice()];
  for (let at = 0; at < bytes.byteLength; at += CONTENT_BYTES_MAX) {
    const content = bytes.subarray(at, at + CONTENT_BYTES_MAX);
    const block = snappyCompressBlock(content);
    // As the reference does: what shrinks by less than an eighth is cheaper to read uncompressed.
    const worthIt = block.byteLength < content.byteLength - content.byteLength / 8;
    const body = worthIt ? block : content;
    const header = new Uint8Array(8);
    const view = new DataView(header.buffer);
    view.setUint32(0, ((body.byteLength + CHECKSUM_BYTES) << 8) | (worthIt ? CHUNK_COMPRESSED : CHUNK_STORED), true);
    view.setUint32(4, maskedChecksum(content), true);
    parts.push(header, body);
  }
  return concatBytes(parts);
}

/**
 * Decompresses Snappy framed streams, one after the other; yields the content chunk by chunk. Checksums are verified,
 * padding and skippable chunks passed over. Holds one chunk.
 *
 * @param maxBytes all content together, in bytes; more is `TOO_LARGE`, noticed before it is produced
 */
export function* snappyFrames(maxBytes = Number.POSITIVE_INFINITY): ByteParser<Uint8Array> {
  let remaining = maxBytes;
  let offset = 0;
  while (true) {
    const header = yield 4;
    if (header.byteLength === 0) return;
    if (header.byteLength < 4) throw truncated(FORMAT, 'a chunk header', offset + header.byteLength);
    const type = header[0];
    const bodyBytes = header[1] | (header[2] << 8) | (header[3] << 16);
    if (offset === 0 && type !== CHUNK_IDENTIFIER) throw corrupt(FORMAT, 'no framed stream begins here', 0);
    if (isUnskippable(type)) throw unsupported(FORMAT, `chunk has the unknown type ${type}`, offset);
    if (type <= CHUNK_STORED && bodyBytes > BODY_BYTES_MAX)
      throw corrupt(FORMAT, `chunk of ${bodyBytes} bytes`, offset);
    const body = yield bodyBytes;
    if (body.byteLength < bodyBytes) throw truncated(FORMAT, 'a chunk', offset + 4 + body.byteLength);
    if (type <= CHUNK_STORED) {
      const content = readChunk(body, { stored: type === CHUNK_STORED, offset, remaining, maxBytes });
      remaining -= content.byteLength;
      if (content.byteLength > 0) yield content;
    } else if (type === CHUNK_IDENTIFIER && !isIdentifier(body)) {
      throw corrupt(FORMAT, 'stream identifier is wrong', offset);
    }
    offset += 4 + bodyBytes;
  }
}

interface ChunkFacts {
  readonly stored: boolean;
  readonly offset: number;
  readonly remaining: number;
  readonly maxBytes: number;
}

function readChunk(body: Uint8Array, { stored, offset, remaining, maxBytes }: ChunkFacts): Uint8Array {
  if (body.byteLength < CHECKSUM_BYTES) throw corrupt(FORMAT, 'chunk is too short', offset);
  const data = body.subarray(CHECKSUM_BYTES);
  const limit = Math.min(remaining, CONTENT_BYTES_MAX);
  if (stored && data.byteLength > limit) throw tooLarge(FORMAT, maxBytes, offset);
  const content = stored ? Uint8Array.from(data) : decompressChunk(data, { offset, remaining, maxBytes });
  const checksum = new DataView(body.buffer, body.byteOffset, CHECKSUM_BYTES).getUint32(0, true);
  if (maskedChecksum(content) !== checksum) throw corrupt(FORMAT, 'chunk does not match its checksum', offset);
  return content;
}

function decompressChunk(data: Uint8Array, facts: Omit<ChunkFacts, 'stored'>): Uint8Array {
  const { offset, remaining, maxBytes } = facts;
  // One chunk may not hold more than 64 KiB, whatever the limit on the whole.
  const content = snappyDecompressBlock(data, { maxBytes: CONTENT_BYTES_MAX, offset });
  if (content.byteLength > remaining) throw tooLarge(FORMAT, maxBytes, offset);
  return content;
}

/** The checksum as it is stored: rotated and shifted, so that a checksum of data that holds checksums stays useful. */
function maskedChecksum(content: Uint8Array): number {
  const crc = crc32c(content);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function isUnskippable(type: number): boolean {
  return type > CHUNK_STORED && type < CHUNK_SKIPPABLE_MIN;
}

function isIdentifier(body: Uint8Array): boolean {
  return body.byteLength === 6 && body.every((byte, at) => byte === SNAPPY_STREAM_IDENTIFIER[4 + at]);
}

const FORMAT = 'x-snappy-framed';
const CHUNK_COMPRESSED = 0;
const CHUNK_STORED = 1;
const CHUNK_SKIPPABLE_MIN = 0x80;
const CHUNK_IDENTIFIER = 0xff;
const CHECKSUM_BYTES = 4;
/** Most content of one chunk. */
const CONTENT_BYTES_MAX = 65536;
/** Most bytes of a data chunk: what 64 KiB can grow to in a Snappy block, and the checksum. */
const BODY_BYTES_MAX = 76490 + CHECKSUM_BYTES;
