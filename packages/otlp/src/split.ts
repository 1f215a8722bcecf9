import { ByteWriter, type Allocate } from './byte-writer.ts';
import { countChildren, headerOf, isChild } from './child-fields.ts';
import { ITEM_PATHS, countBelow } from './count.ts';
import type { Signal } from './signal.ts';
import { lengthAt, skipField, tagAt, varintEnd } from './wire.ts';

export interface SplitLimits {
  /** Most items (log records, spans, data points) in a part. */
  readonly itemsMax?: number;
  /** Most bytes in a part. An item that is larger by itself comes alone in its part. */
  readonly bytesMax?: number;
}

/** A container that is being cut: its header is written again in every part that gets children of it. */
interface Level {
  readonly field: number;
  readonly header: Uint8Array;
  /** Where its length is to be filled in; -1 when it is not open in the current part. */
  mark: number;
}

/** A tag and a length take no more than this. */
const PREFIX_BYTES_MAX = 6;
/** A length is given one byte first. */
const LENGTH_GROWTH_BYTES_MAX = 4;

/**
 * Deals the chunks out into parts within the limits, in order, each filled as far as it goes. Chunks that fit stay the same
 * objects; others are cut between items, and the headers of their resource and scope (and metric) are repeated.
 */
export function splitChunks(
  signal: Signal,
  chunks: readonly Uint8Array[],
  limits: SplitLimits,
  allocate?: Allocate,
): Uint8Array[][] {
  const { itemsMax = Infinity, bytesMax = Infinity } = limits;
  if (!(itemsMax >= 1) || !(bytesMax >= 1))
    throw new RangeError(`cannot split by ${itemsMax} items and ${bytesMax} bytes: write limits of at least 1`);
  const cutter = new Cutter(signal, itemsMax, bytesMax, allocate);
  for (const chunk of chunks) cutter.place(chunk);
  return cutter.finish();
}

class Cutter {
  private readonly path: readonly number[];
  private readonly itemsMax: number;
  private readonly bytesMax: number;
  private readonly out: ByteWriter;
  private readonly parts: Uint8Array[][] = [];
  private part: Uint8Array[] = [];
  private items = 0;
  /** Of the finished chunks of this part; what is in `out` counts on top. */
  private bytes = 0;
  private readonly levels: Level[] = [];
  private chunk: Uint8Array;

  constructor(signal: Signal, itemsMax: number, bytesMax: number, allocate: Allocate | undefined) {
    this.path = ITEM_PATHS[signal];
    this.itemsMax = itemsMax;
    this.bytesMax = bytesMax;
    this.out = new ByteWriter(allocate);
    this.chunk = this.out.bytes;
  }

  place(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    const items = this.itemsMax === Infinity ? 0 : countBelow(chunk, 0, chunk.length, this.path, 0);
    if (this.fits(items, chunk.length)) {
      this.part.push(chunk);
      this.items += items;
      this.bytes += chunk.length;
      return;
    }
    this.chunk = chunk;
    this.out.capacityMin = Math.min(chunk.length, this.bytesMax) + 256;
    this.descend(0, 0, 0, chunk.length);
    this.endChunk();
  }

  finish(): Uint8Array[][] {
    this.endPart();
    return this.parts;
  }

  private fits(items: number, bytes: number): boolean {
    return this.items + items <= this.itemsMax && this.bytes + this.out.length + bytes <= this.bytesMax;
  }

  /** Deals out the children of the message body `[start, end)`, which lies `depth` levels down in the field `field`. */
  private descend(depth: number, field: number, start: number, end: number): void {
    const level: Level = { field, header: headerOf(this.chunk, start, end, this.path[depth]), mark: -1 };
    this.levels.push(level);
    const chunk = this.chunk;
    let pos = start;
    while (pos < end) {
      const fieldStart = pos;
      const tag = tagAt(chunk, pos, end);
      const payload = varintEnd(chunk, pos, end);
      pos = skipField(chunk, payload, end, tag);
      if (isChild(tag, this.path[depth])) {
        const body = varintEnd(chunk, payload, end);
        this.placeChild(depth, tag >>> 3, fieldStart, body, body + lengthAt(chunk, payload, end));
      }
    }
    // A container without children is still to be seen.
    if (level.mark < 0 && countChildren(this.chunk, start, end, this.path[depth]) === 0) {
      if (!this.fits(0, this.openingBytes())) this.nextPart();
      this.openLevels();
    }
    if (level.mark >= 0 && depth > 0) this.out.close(level.mark);
    this.levels.pop();
  }

  private placeChild(depth: number, field: number, fieldStart: number, start: number, end: number): void {
    const isItem = depth === this.path.length - 1;
    const bytes = end - fieldStart + this.openingBytes();
    const items = isItem ? 1 : this.countIn(depth + 1, start, end);
    if (!this.fits(items, bytes)) {
      if (!isItem) {
        this.descend(depth + 1, field, start, end);
        return;
      }
      this.nextPart();
    }
    this.openLevels();
    this.out.append(this.chunk, fieldStart, end);
    this.items += items;
  }

  private countIn(depth: number, start: number, end: number): number {
    return this.itemsMax === Infinity ? 0 : countBelow(this.chunk, start, end, this.path, depth);
  }

  /** The most that opening the levels that are not yet open, and closing all, would add. */
  private openingBytes(): number {
    let bytes = 0;
    for (const level of this.levels) {
      bytes += level.mark < 0 ? level.header.length + PREFIX_BYTES_MAX : LENGTH_GROWTH_BYTES_MAX;
    }
    return bytes;
  }

  private openLevels(): void {
    for (const [depth, level] of this.levels.entries()) {
      if (level.mark >= 0) continue;
      level.mark = depth === 0 ? 0 : this.out.openField(level.field);
      this.out.append(level.header);
    }
  }

  private endChunk(): void {
    for (let depth = this.levels.length - 1; depth >= 0; depth--) {
      const level = this.levels[depth];
      if (level.mark >= 0 && depth > 0) this.out.close(level.mark);
      level.mark = -1;
    }
    if (this.out.length === 0) return;
    this.bytes += this.out.length;
    this.part.push(this.out.take());
  }

  private nextPart(): void {
    if (this.part.length === 0 && this.out.length === 0) return;
    this.endPart();
    this.out.capacityMin = Math.min(this.chunk.length, this.bytesMax) + 256;
  }

  private endPart(): void {
    this.endChunk();
    if (this.part.length > 0) this.parts.push(this.part);
    this.part = [];
    this.items = 0;
    this.bytes = 0;
  }
}
