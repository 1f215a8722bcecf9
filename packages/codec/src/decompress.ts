import { parseWhole } from './byte-parser.ts';
import { CodecError, tooLarge, truncated } from './codec-error.ts';
import type { CompressionCodec } from './compression-codec.ts';
import { deflateDecompress, gzipDecompress } from './deflate-decompress.ts';
import { lz4Frames } from './lz4-frames.ts';
import { concatBytes, copiedBytes, type OwnedBytes } from './owned-bytes.ts';
import { snappyDecompressBlock } from './snappy-block.ts';
import { SNAPPY_STREAM_IDENTIFIER, snappyFrames } from './snappy-frames.ts';
import { zstdDecompress } from './zstd-decompress.ts';

export interface DecompressSettings {
  readonly codec: CompressionCodec;
  /** Most bytes that may come out; more is `TOO_LARGE`. An integer, 0 or more. */
  readonly maxBytes: number;
}

/**
 * Decompresses a whole body, synchronously: call it on a worker thread. `bytes` may lie in shared memory; they must not
 * change meanwhile. The result belongs to the caller, has its own ArrayBuffer and can be transferred.
 *
 * `maxBytes` holds while inflating: a bomb costs that much memory and one piece (64 KiB; lz4: a block of up to 4 MiB),
 * zstd's window beside it. A declared size over the limit is refused before anything is decompressed.
 *
 * What may follow the first frame, codec by codec:
 * - gzip: further members, then zero bytes as padding. zstd, lz4: further frames and skippable frames. x-snappy-framed:
 *   further streams. At most {@link FRAMES_MAX} gzip members or zstd frames.
 * - zlib, deflate, snappy: nothing.
 *
 * Anything else there is `CORRUPT`, at its offset. An empty input is `TRUNCATED` (`none` excepted): no compressor makes one.
 *
 * @throws CodecError `TOO_LARGE`, `CORRUPT`, `TRUNCATED`, or `UNSUPPORTED` for a frame that needs a dictionary
 */
export function decompress(bytes: Uint8Array, { codec, maxBytes }: DecompressSettings): OwnedBytes {
  if (!Number.isInteger(maxBytes) || maxBytes < 0) {
    throw new RangeError(`cannot decompress: maxBytes is ${maxBytes}, must be an integer of 0 or more`);
  }
  if (codec !== 'none' && bytes.byteLength === 0) throw truncated(codec, 'nothing yet', 0);
  switch (codec) {
    case 'none':
      if (bytes.byteLength > maxBytes) throw tooLarge('none', maxBytes, maxBytes);
      return copiedBytes(bytes);
    case 'gzip':
      return concatBytes(gzipDecompress(bytes, maxBytes));
    case 'zlib':
    case 'deflate':
      return concatBytes(deflateDecompress(bytes, codec, maxBytes));
    case 'zstd':
      return concatBytes(zstdDecompress(bytes, maxBytes));
    case 'lz4':
      return concatBytes([...parseWhole(lz4Frames(maxBytes), bytes)]);
    case 'snappy':
      return decompressSnappy(bytes, maxBytes);
    case 'x-snappy-framed':
      return concatBytes([...parseWhole(snappyFrames(maxBytes), bytes)]);
    default:
      throw new CodecError('UNSUPPORTED', `cannot decompress: codec ${String(codec)} is unknown`);
  }
}

/** The Collector once sent the framing format as "snappy", and still takes it: so does this. */
function decompressSnappy(bytes: Uint8Array, maxBytes: number): OwnedBytes {
  const isFramed = SNAPPY_STREAM_IDENTIFIER.every((byte, at) => bytes[at] === byte);
  if (isFramed) return concatBytes([...parseWhole(snappyFrames(maxBytes), bytes)]);
  return snappyDecompressBlock(bytes, { maxBytes, offset: 0 });
}
