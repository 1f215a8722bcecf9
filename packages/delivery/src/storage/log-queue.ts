import { EntryIndex } from './entry-index.ts';
import type { IndexedEntry } from './entry-index.ts';
import type { Place } from './segment.ts';

/** One named queue of the log: what was not handed out, and what was and is not done. */
export class LogQueue {
  readonly name: string;
  readonly nameBytes: Buffer;
  #unread: EntryIndex;
  readonly #inHand = new Map<number, IndexedEntry>();

  constructor(name: string, unread = new EntryIndex()) {
    this.name = name;
    this.nameBytes = Buffer.from(name);
    this.#unread = unread;
  }

  /** What was not handed out. */
  get unread(): EntryIndex {
    return this.#unread;
  }

  /** Entries that are not done. */
  get length(): number {
    return this.#unread.length + this.#inHand.size;
  }

  /** The oldest entry that was not handed out; handed out with this. */
  take(): IndexedEntry | undefined {
    const entry = this.#unread.shift();
    if (entry !== undefined) this.#inHand.set(entry.sequence, entry);
    return entry;
  }

  /** Where an entry is now, if it is not done. */
  find(sequence: number): IndexedEntry | undefined {
    return this.#inHand.get(sequence) ?? this.#unread.find(sequence);
  }

  /** The entry is done; returns where it is. Undefined when it was already, or was not handed out. */
  remove(sequence: number): Place | undefined {
    const entry = this.#inHand.get(sequence);
    this.#inHand.delete(sequence);
    return entry;
  }

  /** What was handed out and is not done is to be handed out again, in its order. */
  putBack(): void {
    const before = this.#unread;
    const inHand = [...this.#inHand.values()].toSorted((a, b) => a.sequence - b.sequence);
    this.#inHand.clear();
    this.#unread = new EntryIndex();
    let entry = before.shift();
    for (const returned of inHand) {
      for (; entry !== undefined && entry.sequence < returned.sequence; entry = before.shift())
        this.#unread.push(entry);
      this.#unread.push(returned);
    }
    for (; entry !== undefined; entry = before.shift()) this.#unread.push(entry);
  }

  /** Compaction made a copy; false when the entry is done by now. */
  move(sequence: number, to: Place): boolean {
    const entry = this.#inHand.get(sequence);
    if (entry === undefined) return this.#unread.move(sequence, to);
    this.#inHand.set(sequence, { ...entry, ...to });
    return true;
  }
}
