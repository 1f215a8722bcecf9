import { CodecError } from './codec-error.ts';

/**
 * The codecs by the Collector's names (configcompression), which are also its HTTP content encodings (confighttp):
 *
 * - `gzip` RFC 1952; `zlib` RFC 1950; `deflate` the same as `zlib` (RFC 9110 section 8.4.1.2), raw RFC 1951 accepted on input.
 * - `zstd` RFC 8878; `lz4` the LZ4 frame format 1.6 (what the Collector's "lz4" is, too).
 * - `snappy` the block format, `x-snappy-framed` the framing format. Input under `snappy` that begins with the framing
 *   format's signature is read as framed, as the Collector does for its own older senders.
 *   The framing format has no end mark and no checksum over its chunks' types: a cut between two chunks goes unnoticed, and so
 *   does a chunk that damage turned into a skippable one. The block format has no checksum at all.
 * - `none` hands the bytes over unchanged.
 */
export const COMPRESSION_CODECS = [
  'none',
  'gzip',
  'zlib',
  'deflate',
  'zstd',
  'lz4',
  'snappy',
  'x-snappy-framed',
] as const;

export type CompressionCodec = (typeof COMPRESSION_CODECS)[number];

/** Codecs whose compressed outputs may be appended to one another: the concatenation decompresses to the concatenation. */
export const CONCATENABLE_CODECS = ['none', 'gzip', 'zstd', 'lz4', 'x-snappy-framed'] as const;

export type ConcatenableCodec = (typeof CONCATENABLE_CODECS)[number];

/** Lowest and highest level of libzstd that are passed on; outside of it the nearest is taken, as the Collector does. */
export const ZSTD_LEVEL_MIN = -7;
export const ZSTD_LEVEL_MAX = 22;

/** Is `name` one of {@link COMPRESSION_CODECS}? Case matters, as in the Collector's config. */
export function isCompressionCodec(name: string): name is CompressionCodec {
  return (COMPRESSION_CODECS as readonly string[]).includes(name);
}

/**
 * Why `level` cannot be used with `codec`, or undefined if it can. The ranges are the Collector's: gzip, zlib and deflate
 * take -2 (Huffman only), -1 (default), 0 (store) and 1 to 9; zstd takes any integer; the others take only 0.
 */
export function levelProblem(codec: CompressionCodec, level: number): string | undefined {
  if (!Number.isInteger(level)) return `compression level is ${level}, must be an integer`;
  switch (codec) {
    case 'gzip':
    case 'zlib':
    case 'deflate':
      return level >= -2 && level <= 9 ? undefined : `compression level for ${codec} is ${level}, must be -2 to 9`;
    case 'zstd':
      return undefined;
    default:
      return level === 0 ? undefined : `compression level for ${codec} is ${level}, but ${codec} has no levels`;
  }
}

/** Throws `UNSUPPORTED` where {@link levelProblem} finds one. */
export function assertLevel(codec: CompressionCodec, level: number | undefined): void {
  if (level === undefined) return;
  const problem = levelProblem(codec, level);
  if (problem !== undefined) throw new CodecError('UNSUPPORTED', problem);
}
