import type { SeededRandom } from './seeded-random.ts';

/** What a disk writes whole or not at all. */
export const SECTOR_BYTES = 512;

interface Change {
  readonly kind: 'write' | 'truncate';
  readonly position: number;
  readonly bytes: Buffer;
}

/** The content of a file, as programs see it and as the disk has it. */
export class SimulatedInode {
  changedMs = 0;
  #cached: Buffer;
  #length: number;
  #durable: Buffer;
  /** What was changed since the last sync, in order. */
  #unsynced: Change[] = [];

  constructor(content = Buffer.alloc(0)) {
    this.#cached = Buffer.from(content);
    this.#length = content.length;
    this.#durable = Buffer.from(content);
  }

  get length(): number {
    return this.#length;
  }

  /** The content as programs see it; a view. */
  get content(): Buffer {
    return this.#cached.subarray(0, this.#length);
  }

  read(into: Uint8Array, position: number): number {
    const part = this.content.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  write(bytes: Buffer, position: number): void {
    const end = position + bytes.length;
    if (end > this.#cached.length) {
      const larger = Buffer.alloc(Math.max(end, this.#cached.length * 2));
      this.#cached.copy(larger, 0, 0, this.#length);
      this.#cached = larger;
    }
    this.#cached.set(bytes, position);
    this.#length = Math.max(this.#length, end);
    this.#unsynced.push({ kind: 'write', position, bytes: Buffer.from(bytes) });
  }

  truncate(bytes: number): void {
    if (bytes >= this.#length) return;
    this.#cached.fill(0, bytes, this.#length);
    this.#length = bytes;
    this.#unsynced.push({ kind: 'truncate', position: bytes, bytes: Buffer.alloc(0) });
  }

  sync(): void {
    this.#durable = Buffer.from(this.content);
    this.#unsynced = [];
  }

  /** The sync failed: what was not durable may be or not, and the next sync will not try it again. */
  loseUnsynced(random: SeededRandom): void {
    this.#durable = this.#afterCrash(random);
    this.#unsynced = [];
  }

  /** Turns one bit over, on the disk and for everybody who reads. */
  flip(position: number, bit: number): void {
    this.#cached[position] ^= 1 << bit;
    if (position < this.#durable.length) this.#durable[position] ^= 1 << bit;
  }

  /** Power is cut: of what was not synced, any sectors of any changes have reached the disk. */
  crash(random: SeededRandom): void {
    this.#durable = this.#afterCrash(random);
    this.#unsynced = [];
    this.#cached = Buffer.from(this.#durable);
    this.#length = this.#cached.length;
  }

  #afterCrash(random: SeededRandom): Buffer {
    let content = Buffer.from(this.#durable);
    // Mostly all or nothing, as it mostly is; otherwise a mixture.
    const mood = random.below(4);
    const reaches = (): boolean => (mood === 0 ? false : mood === 1 ? true : random.chance(0.5));
    for (const { kind, position, bytes } of this.#unsynced) {
      if (kind === 'truncate') {
        if (reaches()) content = Buffer.from(content.subarray(0, position));
        continue;
      }
      const end = position + bytes.length;
      for (let at = position; at < end; at = sectorEnd(at)) {
        if (!reaches()) continue;
        const until = Math.min(end, sectorEnd(at));
        if (until > content.length) content = Buffer.concat([content, Buffer.alloc(until - content.length)]);
        content.set(bytes.subarray(at - position, until - position), at);
      }
    }
    return content;
  }
}

function sectorEnd(at: number): number {
  return (Math.floor(at / SECTOR_BYTES) + 1) * SECTOR_BYTES;
}
