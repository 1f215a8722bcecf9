import { compress, decompress } from '@millrace/codec';
import { type CacheEntry, entryBytes } from './cache-entry.ts';
import { packEntries, unpackEntries } from './packed-entry.ts';
import { noCounts, type TierView } from './tier-counts.ts';

/** Entries of a block: more compress better, and cost more to read one of. */
const BLOCK_ENTRIES = 64;
/** A block is closed when its entries come to this much. */
const BLOCK_BYTES_MAX = 256 * 1024;
/** What the index takes for an entry, beside its key. */
const INDEX_BYTES = 64;
/** More than any block can come to: its entries are bounded as objects, which are larger. */
const UNPACKED_BYTES_MAX = 16 * 1024 * 1024;

interface Block {
  readonly bytes: Uint8Array;
  readonly keys: readonly string[];
  readonly indexBytes: number;
  /** Entries that nobody has replaced or taken since. */
  live: number;
}

/**
 * What did not fit into memory as objects: blocks of packed entries, compressed with LZ4. The oldest block goes first, with all
 * that is in it. Entries that wait for their block to fill are kept as they are, and counted.
 */
export class CompressedTier implements TierView {
  readonly counts = noCounts();
  readonly #bytesMax: number;
  readonly #waiting = new Map<string, CacheEntry>();
  #waitingBytes = 0;
  readonly #index = new Map<string, Block>();
  /** In the order in which they were made. */
  readonly #blocks = new Set<Block>();
  #blockBytes = 0;
  /** The block that was read last: the neighbours of an entry are often asked for next. */
  #opened: { readonly block: Block; readonly entries: ReadonlyMap<string, CacheEntry> } | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get entries(): number {
    return this.#waiting.size + this.#index.size;
  }

  get bytes(): number {
    return this.#waitingBytes + this.#blockBytes;
  }

  /** Takes an entry out: it goes to the tier above. */
  take(key: string): CacheEntry | undefined {
    const entry = this.#waiting.get(key) ?? this.#read(key);
    if (entry === undefined) {
      this.counts.misses++;
      return undefined;
    }
    this.counts.hits++;
    this.delete(key);
    return entry;
  }

  set(key: string, entry: CacheEntry): void {
    this.delete(key);
    this.#waiting.set(key, entry);
    this.#waitingBytes += entryBytes(key, entry);
    if (this.#waiting.size >= BLOCK_ENTRIES || this.#waitingBytes >= BLOCK_BYTES_MAX) this.#close();
    while (this.bytes > this.#bytesMax && this.#evictOldest());
  }

  delete(key: string): void {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      this.#waiting.delete(key);
      this.#waitingBytes -= entryBytes(key, waiting);
    }
    const block = this.#index.get(key);
    if (block === undefined) return;
    this.#index.delete(key);
    if (--block.live === 0) this.#free(block);
  }

  #close(): void {
    const keys = [...this.#waiting.keys()];
    const bytes = compress(packEntries(this.#waiting), { codec: 'lz4' });
    const indexBytes = keys.reduce((sum, key) => sum + INDEX_BYTES + 2 * key.length, 0);
    const block: Block = { bytes, keys, indexBytes, live: keys.length };
    for (const key of keys) this.#index.set(key, block);
    this.#waiting.clear();
    this.#waitingBytes = 0;
    this.#blocks.add(block);
    this.#blockBytes += bytes.length + indexBytes;
  }

  #read(key: string): CacheEntry | undefined {
    const block = this.#index.get(key);
    if (block === undefined) return undefined;
    if (this.#opened?.block !== block) {
      const unpacked = decompress(block.bytes, { codec: 'lz4', maxBytes: UNPACKED_BYTES_MAX });
      this.#opened = { block, entries: unpackEntries(unpacked) };
    }
    return this.#opened.entries.get(key);
  }

  /** False when there is nothing left to go. */
  #evictOldest(): boolean {
    const [block] = this.#blocks;
    if (block === undefined) {
      const [oldest] = this.#waiting.keys();
      if (oldest === undefined) return false;
      this.counts.evictions++;
      this.delete(oldest);
      return true;
    }
    this.counts.evictions += block.live;
    for (const key of block.keys) if (this.#index.get(key) === block) this.#index.delete(key);
    this.#free(block);
    return true;
  }

  #free(block: Block): void {
    this.#blocks.delete(block);
    this.#blockBytes -= block.bytes.length + block.indexBytes;
    if (this.#opened?.block === block) this.#opened = undefined;
  }
}
