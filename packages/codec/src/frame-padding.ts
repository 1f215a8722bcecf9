import { crc32 } from 'node:zlib';
import { AGE_CHUNK_BYTES } from './age/age-chunks.ts';
import { concatBytes, type OwnedBytes } from './owned-bytes.ts';

/** Fewest bytes of a padding frame: a zstd or lz4 skippable frame without content, and an empty gzip member. */
export const PADDING_BYTES_MIN = { gzip: 22, zstd: 8, lz4: 8 } as const;
/** Most bytes of one padding frame. gzip's extra field has 16 bits for its length. */
export const PADDING_BYTES_MAX = 65535;

/** Codecs that have frames which decompress to nothing. */
export type PaddableCodec = keyof typeof PADDING_BYTES_MIN;

/**
 * Padding frames that fill `filledBytes` up to whole chunks of age (64 KiB): nothing if they are, else one or two frames.
 *
 * age seals whole chunks, and what does not fill one cannot be written until more follows. Whoever must have a batch on disk
 * now appends this to it, and ends the file with one more {@link paddingFrame} if nothing else does.
 */
export function chunkPadding(codec: PaddableCodec, filledBytes: number): OwnedBytes {
  const least = PADDING_BYTES_MIN[codec];
  const missing = (AGE_CHUNK_BYTES - (filledBytes % AGE_CHUNK_BYTES)) % AGE_CHUNK_BYTES;
  if (missing === 0) return new Uint8Array(0);
  if (missing >= least) return paddingFrame(codec, missing);
  // Too little room for a frame: through the next chunk, in two frames since one may not be long enough.
  const half = AGE_CHUNK_BYTES / 2;
  return concatBytes([paddingFrame(codec, half), paddingFrame(codec, half + missing)]);
}

/**
 * A frame of exactly `lengthBytes` that decompresses to nothing, for all standard tools as for ours.
 *
 * @throws RangeError outside of {@link PADDING_BYTES_MIN} to {@link PADDING_BYTES_MAX}
 */
export function paddingFrame(codec: PaddableCodec, lengthBytes: number): OwnedBytes {
  const least = PADDING_BYTES_MIN[codec];
  if (!Number.isInteger(lengthBytes) || lengthBytes < least || lengthBytes > PADDING_BYTES_MAX) {
    throw new RangeError(`cannot pad ${codec} by ${lengthBytes} bytes, must be ${least} to ${PADDING_BYTES_MAX}`);
  }
  const frame = new Uint8Array(lengthBytes);
  const view = new DataView(frame.buffer);
  if (codec === 'gzip') {
    // Header with an extra field as long as it takes; a deflate stream of one empty final block; a trailer of zeros.
    frame.set([0x1f, 0x8b, 8, FLAG_EXTRA]);
    view.setUint16(10, lengthBytes - PADDING_BYTES_MIN.gzip, true);
    frame.set(EMPTY_DEFLATE, lengthBytes - EMPTY_TRAILER_BYTES - EMPTY_DEFLATE.length);
    view.setUint32(lengthBytes - EMPTY_TRAILER_BYTES, crc32(''), true);
  } else {
    view.setUint32(0, SKIPPABLE_MAGIC, true);
    view.setUint32(4, lengthBytes - 8, true);
  }
  return frame;
}

const FLAG_EXTRA = 4;
const EMPTY_DEFLATE = [3, 0];
const EMPTY_TRAILER_BYTES = 8;
const SKIPPABLE_MAGIC = 0x184d2a50;
