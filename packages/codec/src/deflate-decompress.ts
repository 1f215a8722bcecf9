import { crc32 } from 'node:zlib';
import { corrupt, truncated } from './codec-error.ts';
import { FRAMES_MAX, tooManyFrames } from './decompress-limits.ts';
import { GZIP_TRAILER_BYTES, assertGzipTrailer, gzipHeaderBytes, isPadding } from './gzip-format.ts';
import { deflateWrapping, inflate } from './inflate.ts';

/** Decompresses one or more gzip members that are all there, zero padding allowed after the last; returns their contents. */
export function gzipDecompress(bytes: Uint8Array, maxBytes: number): Uint8Array[] {
  const outputs: Uint8Array[] = [];
  let produced = 0;
  let at = 0;
  do {
    if (outputs.length === FRAMES_MAX) throw tooManyFrames('gzip', at);
    const headerBytes = gzipHeaderBytes(bytes.subarray(at), at);
    if (headerBytes === undefined) throw truncated('gzip', 'a header', bytes.byteLength);
    at += headerBytes;
    const limits = { offset: at, remaining: maxBytes - produced, maxBytes };
    const { output, inputBytes } = inflate(bytes.subarray(at), { format: 'gzip', wrapping: 'raw', ...limits });
    at += inputBytes;
    if (bytes.byteLength - at < GZIP_TRAILER_BYTES) throw truncated('gzip', 'a trailer', bytes.byteLength);
    const content = { crc: crc32(output), bytes: output.byteLength };
    assertGzipTrailer(bytes.subarray(at, at + GZIP_TRAILER_BYTES), content, at);
    at += GZIP_TRAILER_BYTES;
    outputs.push(output);
    produced += output.byteLength;
  } while (at < bytes.byteLength && !isPadding(bytes.subarray(at)));
  return outputs;
}

/** Decompresses `zlib`, or `deflate` with either wrapping. There is one stream; what follows it is `CORRUPT`. */
export function deflateDecompress(bytes: Uint8Array, format: 'zlib' | 'deflate', maxBytes: number): Uint8Array[] {
  if (bytes.byteLength < 2) throw truncated(format, 'a header', bytes.byteLength);
  const wrapping = format === 'zlib' ? 'zlib' : deflateWrapping(bytes[0], bytes[1]);
  const { output, inputBytes } = inflate(bytes, { format, wrapping, offset: 0, remaining: maxBytes, maxBytes });
  if (inputBytes < bytes.byteLength) throw corrupt(format, 'something follows the compressed data', inputBytes);
  return [output];
}
