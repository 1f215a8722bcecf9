import { CodecError } from './codec-error.ts';

/**
 * Most frames (gzip: members) with a native decompressor each that one call takes. A decompressor costs some 50 us to
 * make, a frame 13 bytes to send: without a limit, ten megabytes of empty frames would keep a thread busy for a minute.
 */
export const FRAMES_MAX = 4096;

/** Output is produced in pieces of this many bytes; the limit on the output is tested after each. */
export const OUTPUT_CHUNK_BYTES = 65536;

export function tooManyFrames(format: string, offset: number): CodecError {
  const message = `${format}: more than ${FRAMES_MAX} frames in one body, the limit, at byte ${offset}`;
  return new CodecError('TOO_LARGE', message, { offset });
}
