import { corrupt, tooLarge, truncated } from './codec-error.ts';
import { snappyAddon } from './native-addons.ts';
import { asBuffer, type OwnedBytes } from './owned-bytes.ts';

/** Compresses to one Snappy block. At most 4 GiB - 1 go in. */
export function snappyCompressBlock(bytes: Uint8Array): OwnedBytes {
  return plain(snappyAddon().compressSync(bytes, OWN_MEMORY));
}

/**
 * Decompresses one Snappy block that lies at `offset` of the input (format_description.txt of google/snappy). The block
 * declares its size up front, which is tested before anything is allocated.
 */
export function snappyDecompressBlock(block: Uint8Array, limits: { maxBytes: number; offset: number }): OwnedBytes {
  const { maxBytes, offset } = limits;
  const declared = declaredBytes(block, offset);
  if (declared > maxBytes) throw tooLarge('snappy', maxBytes, offset, `the block declares ${declared} bytes`);
  // Nothing expands more than a copy element of 3 bytes, to 64: a larger claim is a lie, told to have memory allocated.
  if (declared > block.byteLength * EXPANSION_MAX) {
    throw corrupt('snappy', `block of ${block.byteLength} bytes declares impossible ${declared} bytes`, offset);
  }
  try {
    return plain(snappyAddon().uncompressSync(asBuffer(block), OWN_MEMORY) as Buffer);
  } catch (error) {
    throw corrupt('snappy', 'block does not decode', offset, error);
  }
}

function declaredBytes(block: Uint8Array, offset: number): number {
  let declared = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block[at];
    if (byte === undefined) throw truncated('snappy', 'the declared size', offset + at);
    declared += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) {
      if (declared >= 2 ** 32) break;
      return declared;
    }
  }
  throw corrupt('snappy', 'declared size is more than 32 bits', offset);
}

function plain(bytes: Buffer): OwnedBytes {
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}

/** Without it the result is external memory, which cannot be transferred and is freed late. */
const OWN_MEMORY = { copyOutputData: true };
const EXPANSION_MAX = 22;
