import type { SegmentCipher } from './sealing.ts';
import { seedOf } from './record-header.ts';

/** Where a record is. */
export interface Place {
  readonly segment: number;
  readonly offset: number;
  /** Header and payload. */
  readonly bytes: number;
}

/** A segment of the log, and the account of what in it is still needed. */
export class Segment {
  readonly number: number;
  readonly path: string;
  readonly own: boolean;
  readonly seed: number;
  readonly cipher: SegmentCipher | undefined;
  /** Room that it takes on disk. */
  bytes: number;
  /** Where the next record goes. */
  end: number;
  /** Bytes of entries that are not done, and of state that is not replaced. */
  liveBytes = 0;
  liveRecords = 0;
  /** Written to no more. */
  closed = false;
  /** Its file has no name any more, which is to be made durable. */
  removed = false;
  /** Holds something that could be neither copied nor given up. */
  pinned = false;
  /** Bytes of marks in it, by the segment whose entries they end; needed as long as that segment exists. */
  readonly marks = new Map<number, number>();

  constructor(options: {
    number: number;
    path: string;
    own: boolean;
    storeId: Uint8Array;
    cipher: SegmentCipher | undefined;
    bytes: number;
    end: number;
  }) {
    this.number = options.number;
    this.path = options.path;
    this.own = options.own;
    this.seed = seedOf(options.storeId, options.number);
    this.cipher = options.cipher;
    this.bytes = options.bytes;
    this.end = options.end;
  }

  get markBytes(): number {
    let sum = 0;
    for (const bytes of this.marks.values()) sum += bytes;
    return sum;
  }

  /** Nothing in it is needed. */
  get dead(): boolean {
    return this.closed && this.liveRecords === 0 && this.marks.size === 0;
  }

  addLive(bytes: number): void {
    this.liveRecords += 1;
    this.liveBytes += bytes;
  }

  removeLive(bytes: number): void {
    this.liveRecords -= 1;
    this.liveBytes -= bytes;
  }

  addMarks(target: number, bytes: number): void {
    this.marks.set(target, (this.marks.get(target) ?? 0) + bytes);
  }
}

/** The segments that exist. */
export class SegmentTable {
  readonly #segments = new Map<number, Segment>();

  get size(): number {
    return this.#segments.size;
  }

  /** Room that all of them take. */
  get bytes(): number {
    let sum = 0;
    for (const segment of this.#segments.values()) sum += segment.bytes;
    return sum;
  }

  get liveBytes(): number {
    let sum = 0;
    for (const segment of this.#segments.values()) sum += segment.liveBytes;
    return sum;
  }

  add(segment: Segment): void {
    this.#segments.set(segment.number, segment);
  }

  get(number: number): Segment | undefined {
    return this.#segments.get(number);
  }

  /** The segment's file is gone: marks about its entries are not needed any more. */
  remove(number: number): void {
    this.#segments.delete(number);
    for (const segment of this.#segments.values()) segment.marks.delete(number);
  }

  values(): IterableIterator<Segment> {
    return this.#segments.values();
  }
}
