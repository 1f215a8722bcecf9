import { truncated } from './codec-error.ts';
import { readUint32 } from './little-endian.ts';

/** Is this little-endian magic that of a skippable frame? The same sixteen numbers for LZ4 frames and zstd (RFC 8878 section 3.1.2). */
export function isSkippableMagic(magic: number): boolean {
  return magic >>> 4 === 0x184d2a5;
}

/** Parses the rest of a skippable frame whose magic ended at `offset`, without holding its content; returns where it ends. */
export function* skipFrame(format: string, offset: number): Generator<number, number, Uint8Array> {
  const sizeBytes = yield 4;
  if (sizeBytes.byteLength < 4) throw truncated(format, 'a skippable frame', offset + sizeBytes.byteLength);
  let left = readUint32(sizeBytes);
  offset += 4;
  while (left > 0) {
    const wanted = Math.min(left, SKIP_STEP_BYTES);
    const skipped = yield wanted;
    offset += skipped.byteLength;
    if (skipped.byteLength < wanted) throw truncated(format, 'a skippable frame', offset);
    left -= wanted;
  }
  return offset;
}

const SKIP_STEP_BYTES = 65536;
