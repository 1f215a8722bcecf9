import { constants, zstdDecompressSync } from 'node:zlib';
import { parseWhole } from './byte-parser.ts';
import { CodecError, corrupt, tooLarge, truncated } from './codec-error.ts';
import { FRAMES_MAX, OUTPUT_CHUNK_BYTES, tooManyFrames } from './decompress-limits.ts';
import { zstdFrames } from './zstd-frames.ts';

/**
 * Decompresses one or more zstd frames that are all there; returns the content in pieces. Node's own function reads only
 * the first frame and drops the rest without a word, hence the walk.
 */
export function zstdDecompress(bytes: Uint8Array, maxBytes: number): Uint8Array[] {
  const outputs: Uint8Array[] = [];
  let produced = 0;
  let frames = 0;
  let start = 0;
  for (const piece of parseWhole(zstdFrames(), bytes)) {
    if (piece.kind === 'header') {
      if (++frames > FRAMES_MAX) throw tooManyFrames('zstd', piece.offset);
      start = piece.offset;
      if (piece.contentBytes !== undefined && piece.contentBytes > maxBytes - produced) {
        throw tooLarge('zstd', maxBytes, start, `the frame declares ${piece.contentBytes} bytes`);
      }
    } else if (piece.kind === 'end') {
      const frame = bytes.subarray(start, piece.offset + piece.bytes.byteLength);
      const output = decompressFrame(frame, { offset: start, remaining: maxBytes - produced, maxBytes });
      outputs.push(output);
      produced += output.byteLength;
    }
  }
  if (bytes.byteLength === 0) throw truncated('zstd', 'a frame magic', 0);
  return outputs;
}

interface FrameLimits {
  readonly offset: number;
  readonly remaining: number;
  readonly maxBytes: number;
}

function decompressFrame(frame: Uint8Array, { offset, remaining, maxBytes }: FrameLimits): Uint8Array {
  try {
    const output = zstdDecompressSync(frame, {
      // Node takes no limit of 0: the test below covers it.
      maxOutputLength: Math.max(1, remaining),
      chunkSize: OUTPUT_CHUNK_BYTES,
      params: { [constants.ZSTD_d_windowLogMax]: windowLogMax(maxBytes) },
    });
    if (output.byteLength > remaining) throw tooLarge('zstd', maxBytes, offset);
    return output;
  } catch (error) {
    throw zstdError(error, { offset, maxBytes });
  }
}

/** Node's error for a zstd frame or block at `offset`, as one of ours. */
export function zstdError(error: unknown, at: { offset: number; maxBytes: number }): CodecError {
  if (error instanceof CodecError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge('zstd', at.maxBytes, at.offset);
  if (code === 'ZSTD_error_frameParameter_windowTooLarge') {
    return tooLarge('zstd', at.maxBytes, at.offset, 'the frame asks for a larger window');
  }
  const what = code === 'ZSTD_error_checksum_wrong' ? 'content does not match its checksum' : 'frame does not decode';
  return corrupt('zstd', what, at.offset, error);
}

/**
 * A decompressor holds the frame's window in memory, so it is bounded too. Every decoder must offer 8 MiB (RFC 8878
 * section 3.1.1.1.2), which is what compressors use that don't know the size beforehand; 128 MiB is libzstd's own limit.
 */
function windowLogMax(maxBytes: number): number {
  const needed = Math.ceil(Math.log2(Math.max(1, maxBytes)));
  return Math.min(WINDOW_LOG_LIMIT, Math.max(WINDOW_LOG_GUARANTEED, needed));
}

const WINDOW_LOG_GUARANTEED = 23;
const WINDOW_LOG_LIMIT = 27;
