import { AGE_VERSION_LINE } from './age/age-header.ts';
import type { CompressionCodec } from './compression-codec.ts';
import { readUint32 } from './little-endian.ts';
import { LZ4_MAGIC } from './lz4-frame-header.ts';
import { isSkippableMagic } from './skippable-frame.ts';
import { SNAPPY_STREAM_IDENTIFIER } from './snappy-frames.ts';
import { ZSTD_MAGIC } from './zstd-frames.ts';

/** So many bytes of a file's start decide; fewer are enough only if the file is shorter. */
export const DETECTION_BYTES = 22;

/** What can be told by its first bytes. `zlib`, `deflate` and `snappy` have no signature to rely on. */
export type DetectableCodec = Extract<CompressionCodec, 'gzip' | 'zstd' | 'lz4' | 'x-snappy-framed'>;

/**
 * The codec by the magic number that `prefix` begins with; undefined if it is none of these: plain, or something unknown.
 * A file that begins with a skippable frame, which zstd and lz4 share, is taken for zstd's.
 */
export function detectCompression(prefix: Uint8Array): DetectableCodec | undefined {
  if (prefix[0] === 0x1f && prefix[1] === 0x8b && prefix[2] === 8) return 'gzip';
  if (startsWith(prefix, SNAPPY_STREAM_IDENTIFIER)) return 'x-snappy-framed';
  if (prefix.byteLength < 4) return undefined;
  const magic = readUint32(prefix);
  if (magic === ZSTD_MAGIC || isSkippableMagic(magic)) return 'zstd';
  return magic === LZ4_MAGIC ? 'lz4' : undefined;
}

/** Does a file that begins with `prefix` claim to be age's, in binary form? Of whatever version. */
export function isAge(prefix: Uint8Array): boolean {
  return startsWith(prefix, AGE_START);
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, at) => bytes[at] === byte);
}

const AGE_START = new TextEncoder().encode(AGE_VERSION_LINE.slice(0, AGE_VERSION_LINE.indexOf('/') + 1));
