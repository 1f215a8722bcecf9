import { crc32 } from 'node:zlib';
import type { OwnedBytes } from './owned-bytes.ts';

/** Fewest bytes of a padding frame: a zstd or lz4 skippable frame without content, and an empty gzip member. */
export const PADDING_BYTES_MIN = { gzip: 22, zstd: 8, lz4: 8 } as const;
/** Most bytes of one padding frame. gzip's extra field has 16 bits for its length. */
export const PADDING_BYTES_MAX = 65535;

/**
 * A frame of exactly `lengthBytes` that decompresses to nothing, for all standard tools as for ours.
 *
 * For an encrypted file: age seals whole chunks of 64 KiB, and what does not fill one cannot be written until more follows.
 * Whoever must have a batch on disk now fills the chunk up with padding between two frames.
 *
 * @throws RangeError outside of {@link PADDING_BYTES_MIN} to {@link PADDING_BYTES_MAX}
 */
export function paddingFrame(codec: keyof typeof PADDING_BYTES_MIN, lengthBytes: number): OwnedBytes {
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
