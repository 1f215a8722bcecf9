import type { Place } from './segment.ts';

/** An entry of a queue: where it is, and what the queue has to know without reading it. */
export interface IndexedEntry extends Place {
  readonly sequence: number;
  readonly items: number;
  readonly dataBytes: number;
}

const CHUNK_ENTRIES = 4096;

/** Columns, not objects: a backlog of millions of small entries takes 32 bytes for each. */
class Chunk {
  readonly sequences = new Float64Array(CHUNK_ENTRIES);
  readonly segments = new Uint32Array(CHUNK_ENTRIES);
  readonly offsets = new Uint32Array(CHUNK_ENTRIES);
  readonly bytes = new Uint32Array(CHUNK_ENTRIES);
  readonly items = new Uint32Array(CHUNK_ENTRIES);
  readonly dataBytes = new Uint32Array(CHUNK_ENTRIES);
  length = 0;
}

/** The entries of one queue that were not handed out, in their order. */
export class EntryIndex {
  #chunks: Chunk[] = [];
  /** First entry in the first chunk. */
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** At the end; its sequence is higher than all others'. */
  push(entry: IndexedEntry): void {
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.length === CHUNK_ENTRIES) {
      chunk = new Chunk();
      this.#chunks.push(chunk);
    }
    const at = chunk.length;
    chunk.sequences[at] = entry.sequence;
    chunk.segments[at] = entry.segment;
    chunk.offsets[at] = entry.offset;
    chunk.bytes[at] = entry.bytes;
    chunk.items[at] = entry.items;
    chunk.dataBytes[at] = entry.dataBytes;
    chunk.length += 1;
    this.#length += 1;
  }

  shift(): IndexedEntry | undefined {
    if (this.#length === 0) return undefined;
    const entry = this.at(0);
    this.#head += 1;
    this.#length -= 1;
    if (this.#length === 0) {
      // Used again: a queue that is emptied after each entry must not make columns for each.
      this.#chunks[0].length = 0;
      this.#head = 0;
    } else if (this.#head === CHUNK_ENTRIES) {
      this.#chunks.shift();
      this.#head = 0;
    }
    return entry;
  }

  at(index: number): IndexedEntry {
    const position = this.#head + index;
    const chunk = this.#chunks[Math.floor(position / CHUNK_ENTRIES)];
    const at = position % CHUNK_ENTRIES;
    return {
      sequence: chunk.sequences[at],
      segment: chunk.segments[at],
      offset: chunk.offsets[at],
      bytes: chunk.bytes[at],
      items: chunk.items[at],
      dataBytes: chunk.dataBytes[at],
    };
  }

  find(sequence: number): IndexedEntry | undefined {
    const index = this.#indexOf(sequence);
    return index < 0 ? undefined : this.at(index);
  }

  /** The entry was copied to another place. False when it is not (any more) in here. */
  move(sequence: number, to: Place): boolean {
    const index = this.#indexOf(sequence);
    if (index < 0) return false;
    const position = this.#head + index;
    const chunk = this.#chunks[Math.floor(position / CHUNK_ENTRIES)];
    const at = position % CHUNK_ENTRIES;
    chunk.segments[at] = to.segment;
    chunk.offsets[at] = to.offset;
    chunk.bytes[at] = to.bytes;
    return true;
  }

  #indexOf(sequence: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const position = this.#head + middle;
      const found = this.#chunks[Math.floor(position / CHUNK_ENTRIES)].sequences[position % CHUNK_ENTRIES];
      if (found === sequence) return middle;
      if (found < sequence) low = middle + 1;
      else high = middle;
    }
    return -1;
  }
}
