import type { ByteParser } from './byte-parser.ts';
import { corrupt, tooLarge, truncated, unsupported } from './codec-error.ts';
import { LZ4_BLOCK_TOO_LONG, decodeLz4Block } from './lz4-block.ts';
import {
  LZ4_DESCRIPTOR_BYTES_MIN,
  LZ4_MAGIC,
  lz4DescriptorBytes,
  parseLz4FrameHeader,
  type Lz4FrameHeader,
} from './lz4-frame-header.ts';
import { NATIVE_BLOCK_BYTES_MIN, decodeLz4BlockNatively } from './lz4-native-block.ts';
import { isSkippableMagic, skipFrame } from './skippable-frame.ts';
import { Xxh32, xxh32 } from './xxh32.ts';
import { readUint32 } from './little-endian.ts';

/**
 * Decompresses any number of LZ4 frames (frame format 1.6) and skippable frames, one after the other; yields the content
 * block by block. Header, block and content checksums are verified. Nothing else may follow the last frame. Holds one block
 * (at most 4 MiB) and the 64 KiB before it.
 *
 * @param maxBytes the content of all frames together, in bytes; more is `TOO_LARGE`, noticed before it is produced
 */
export function* lz4Frames(maxBytes = Number.POSITIVE_INFINITY): ByteParser<Uint8Array> {
  const work = new Lz4Work(maxBytes);
  let offset = 0;
  while (true) {
    const magicBytes = yield 4;
    if (magicBytes.byteLength === 0) return;
    if (magicBytes.byteLength < 4) throw truncated('lz4', 'a frame magic', offset + magicBytes.byteLength);
    const magic = readUint32(magicBytes);
    offset += 4;
    if (magic === LZ4_MAGIC) offset = yield* frame(work, offset);
    else if (isSkippableMagic(magic)) offset = yield* skipFrame('lz4', offset);
    else if (magic === LZ4_LEGACY_MAGIC) throw unsupported('lz4', 'legacy frame (lz4 -l)', offset - 4);
    else throw corrupt('lz4', 'no LZ4 frame begins here', offset - 4);
  }
}

/** Parses the frame whose magic ended at `offset`; returns where the frame ends. */
function* frame(work: Lz4Work, offset: number): Generator<number | Uint8Array, number, Uint8Array> {
  const [header, blocksStart] = yield* frameHeader(offset);
  offset = blocksStart;
  const content = header.contentChecksum ? new Xxh32() : undefined;
  const contentStart = work.producedBytes;
  if (header.contentBytes !== undefined && header.contentBytes > work.remainingBytes) {
    throw tooLarge('lz4', work.maxBytes, offset, `the frame declares ${header.contentBytes} bytes`);
  }
  work.startFrame(header);
  while (true) {
    const sizeBytes = yield 4;
    if (sizeBytes.byteLength < 4) throw truncated('lz4', 'a block size', offset + sizeBytes.byteLength);
    const size = readUint32(sizeBytes);
    if (size === 0) break;
    const blockBytes = size & 0x7fffffff;
    if (blockBytes > header.blockBytesMax) {
      throw corrupt('lz4', `block has ${blockBytes} bytes, more than the frame's ${header.blockBytesMax}`, offset);
    }
    const checksumBytes = header.blockChecksums ? 4 : 0;
    const block = yield blockBytes + checksumBytes;
    if (block.byteLength < blockBytes + checksumBytes) throw truncated('lz4', 'a block', offset + 4 + block.byteLength);
    const data = block.subarray(0, blockBytes);
    if (header.blockChecksums && readUint32(block.subarray(blockBytes)) !== xxh32(data)) {
      throw corrupt('lz4', 'block does not match its checksum', offset);
    }
    const output = work.decode(data, { stored: size >>> 31 === 1, offset });
    content?.update(output);
    offset += 4 + block.byteLength;
    if (output.byteLength > 0) yield output;
  }
  offset += 4;
  const contentBytes = work.producedBytes - contentStart;
  if (header.contentBytes !== undefined && header.contentBytes !== contentBytes) {
    throw corrupt('lz4', `frame declares ${header.contentBytes} bytes and holds ${contentBytes}`, offset);
  }
  if (content === undefined) return offset;
  const checksum = yield 4;
  if (checksum.byteLength < 4) throw truncated('lz4', 'a content checksum', offset + checksum.byteLength);
  if (readUint32(checksum) !== content.digest()) throw corrupt('lz4', 'content does not match its checksum', offset);
  return offset + 4;
}

function* frameHeader(offset: number): Generator<number, [Lz4FrameHeader, number], Uint8Array> {
  // What is handed in is valid only until the next yield, hence the copy.
  const start = Uint8Array.from(yield LZ4_DESCRIPTOR_BYTES_MIN);
  const length = start.byteLength === 0 ? LZ4_DESCRIPTOR_BYTES_MIN : lz4DescriptorBytes(start[0]);
  const rest = length > start.byteLength ? yield length - start.byteLength : new Uint8Array(0);
  const descriptor = new Uint8Array(start.byteLength + rest.byteLength);
  descriptor.set(start);
  descriptor.set(rest, start.byteLength);
  if (descriptor.byteLength < length) throw truncated('lz4', 'a frame header', offset + descriptor.byteLength);
  return [parseLz4FrameHeader(descriptor, offset), offset + length];
}

/** The memory that blocks are decoded in: up to 64 KiB of history, then the block. Reused from frame to frame. */
class Lz4Work {
  readonly maxBytes: number;
  producedBytes = 0;
  #memory = new Uint8Array(0);
  #historyBytes = 0;
  #linked = false;
  #blockBytesMax = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get remainingBytes(): number {
    return this.maxBytes - this.producedBytes;
  }

  startFrame(header: Lz4FrameHeader): void {
    this.#linked = header.linkedBlocks;
    this.#historyBytes = 0;
    this.#blockBytesMax = header.blockBytesMax;
  }

  /** The content of one block, in memory of its own. `offset` is the block's, for errors. */
  decode(data: Uint8Array, block: { stored: boolean; offset: number }): Uint8Array {
    const limit = Math.min(this.#blockBytesMax, this.remainingBytes);
    if (block.stored && !this.#linked) {
      if (data.byteLength > limit) throw tooLarge('lz4', this.maxBytes, block.offset);
      this.producedBytes += data.byteLength;
      return Uint8Array.from(data);
    }
    if (!this.#linked && data.byteLength >= NATIVE_BLOCK_BYTES_MIN) {
      const content = decodeLz4BlockNatively(data, limit);
      if (content !== undefined) {
        this.producedBytes += content.byteLength;
        return content;
      }
    }
    this.#reserve(HISTORY_BYTES_MAX + limit);
    const start = this.#historyBytes;
    const end = block.stored ? this.#store(data, start, start + limit) : this.#decode(data, start, start + limit);
    if (end === LZ4_BLOCK_TOO_LONG && limit < this.#blockBytesMax) {
      throw tooLarge('lz4', this.maxBytes, block.offset);
    }
    if (end < 0) throw corrupt('lz4', 'block does not decode', block.offset);
    const output = this.#memory.slice(start, end);
    this.producedBytes += output.byteLength;
    if (this.#linked) this.#keepHistory(end);
    return output;
  }

  #decode(data: Uint8Array, start: number, end: number): number {
    const output = this.#memory;
    return decodeLz4Block({ input: data, output, outputStart: start, outputEnd: end, historyStart: 0 });
  }

  #store(data: Uint8Array, start: number, end: number): number {
    if (data.byteLength > end - start) return LZ4_BLOCK_TOO_LONG;
    this.#memory.set(data, start);
    return start + data.byteLength;
  }

  #keepHistory(end: number): void {
    const kept = Math.min(end, HISTORY_BYTES_MAX);
    this.#memory.copyWithin(0, end - kept, end);
    this.#historyBytes = kept;
  }

  #reserve(bytes: number): void {
    if (this.#memory.byteLength >= bytes) return;
    const larger = new Uint8Array(bytes);
    larger.set(this.#memory.subarray(0, this.#historyBytes));
    this.#memory = larger;
  }
}

const LZ4_LEGACY_MAGIC = 0x184c2102;
/** Matches reach 64 KiB back at most. */
const HISTORY_BYTES_MAX = 65536;
