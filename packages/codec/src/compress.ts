import { constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { CodecError } from './codec-error.ts';
import { ZSTD_LEVEL_MAX, ZSTD_LEVEL_MIN, assertLevel, type CompressionCodec } from './compression-codec.ts';
import { OUTPUT_CHUNK_BYTES } from './decompress-limits.ts';
import { lz4Addon } from './native-addons.ts';
import { asBuffer, copiedBytes, ownedBytes, type OwnedBytes } from './owned-bytes.ts';
import { snappyCompressBlock } from './snappy-block.ts';
import { snappyFramedCompress } from './snappy-frames.ts';

export interface CompressSettings {
  readonly codec: CompressionCodec;
  /**
   * The Collector's `compression_params.level`: see {@link levelProblem} for the ranges. Undefined: zlib's own default (6)
   * for gzip, zlib and deflate; 1 for zstd, which like the Collector's default is its fastest regular level.
   * (confighttp takes a configured 0 as undefined; here 0 means to store.)
   */
  readonly level?: number | undefined;
}

/**
 * Compresses `bytes` to one complete frame (gzip: member) of the codec, synchronously: call it on a worker thread.
 *
 * `bytes` may lie in shared memory; they must not change meanwhile. The result belongs to the caller, has its own
 * ArrayBuffer and can be transferred (`none`: it is a copy). Frames of the {@link CONCATENABLE_CODECS} may be appended to
 * one another. zstd and lz4 frames carry a content checksum, as their programs' do.
 *
 * @throws CodecError `UNSUPPORTED` if the codec does not have this level
 */
export function compress(bytes: Uint8Array, settings: CompressSettings): OwnedBytes {
  const frame = compressBriefly(bytes, settings);
  return settings.codec === 'lz4' || settings.codec === 'none' ? copiedBytes(frame) : ownedBytes(frame);
}

/**
 * The same for whoever copies the result at once: it may be `bytes` itself (`none`), part of a larger buffer, or memory of a
 * native addon, which cannot be transferred.
 *
 * @throws CodecError `UNSUPPORTED` if the codec does not have this level
 */
export function compressBriefly(bytes: Uint8Array, { codec, level }: CompressSettings): Uint8Array {
  assertLevel(codec, level);
  switch (codec) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes, zlibOptions(level));
    case 'zlib':
    case 'deflate':
      return deflateSync(bytes, zlibOptions(level));
    case 'zstd':
      return zstdCompressSync(bytes, zstdOptions(bytes.byteLength, level ?? ZSTD_LEVEL_DEFAULT));
    case 'lz4':
      return lz4Addon().compressFrameSync(asBuffer(bytes), { contentChecksum: true });
    case 'snappy':
      return snappyCompressBlock(bytes);
    case 'x-snappy-framed':
      return snappyFramedCompress(bytes);
    default:
      throw new CodecError('UNSUPPORTED', `cannot compress: codec ${String(codec)} is unknown`);
  }
}

function zlibOptions(level = -1): { level: number; strategy: number; chunkSize: number } {
  // The Collector's -2, which zlib does not know as a level, is a strategy of zlib's.
  const strategy = level === -2 ? constants.Z_HUFFMAN_ONLY : constants.Z_DEFAULT_STRATEGY;
  return { level: Math.max(level, -1), strategy, chunkSize: OUTPUT_CHUNK_BYTES };
}

function zstdOptions(inputBytes: number, level: number): { params: Record<number, number>; [option: string]: unknown } {
  return {
    params: {
      [constants.ZSTD_c_compressionLevel]: Math.min(Math.max(level, ZSTD_LEVEL_MIN), ZSTD_LEVEL_MAX),
      [constants.ZSTD_c_checksumFlag]: 1,
    },
    // Known beforehand it goes into the header, where a reader can refuse or allocate by it, and keeps the window small.
    pledgedSrcSize: inputBytes,
    chunkSize: OUTPUT_CHUNK_BYTES,
  };
}

const ZSTD_LEVEL_DEFAULT = 1;
