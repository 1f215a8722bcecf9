import { EntryIndex } from './entry-index.ts';
import type { IndexedEntry } from './entry-index.ts';
import type { Place } from './segment.ts';

/**
 * One named queue of the log: what was not handed out, and what was and is not done. What was not handed out stands in
 * two lanes: `fresh` came in this process and may be handed out ahead of the `backlog`, which is older throughout.
 */
export class LogQueue {
  readonly name: string;
  readonly nameBytes: Buffer;
  readonly fresh = new EntryIndex();
  #backlog: EntryIndex;
  readonly #inHand = new Map<number, IndexedEntry>();

  constructor(name: string, backlog = new EntryIndex()) {
    this.name = name;
    this.nameBytes = Buffer.from(name);
    this.#backlog = backlog;
  }

  get backlog(): EntryIndex {
    return this.#backlog;
  }

  /** Entries that are not done. */
  get length(): number {
    return this.unread + this.#inHand.size;
  }

  /** Entries that were not handed out. */
  get unread(): number {
    return this.#backlog.length + this.fresh.length;
  }

  /** The oldest entry that was not handed out; handed out with this. */
  take(): IndexedEntry | undefined {
    return this.#hand(this.#backlog.length > 0 ? this.#backlog.shift() : this.fresh.shift());
  }

  /** The oldest of the fresh lane; handed out with this. */
  takeFresh(): IndexedEntry | undefined {
    return this.#hand(this.fresh.shift());
  }

  /** The oldest of the fresh lane becomes the newest of the backlog. */
  demote(): IndexedEntry | undefined {
    const entry = this.fresh.shift();
    if (entry !== undefined) this.#backlog.push(entry);
    return entry;
  }

  /** Where an entry is now, if it is not done. */
  find(sequence: number): IndexedEntry | undefined {
    return this.#inHand.get(sequence) ?? this.#backlog.find(sequence) ?? this.fresh.find(sequence);
  }

  /** The entry is done; returns where it is. Undefined when it was already, or was not handed out. */
  remove(sequence: number): Place | undefined {
    const entry = this.#inHand.get(sequence);
    this.#inHand.delete(sequence);
    return entry;
  }

  /** What was handed out and is not done is to be handed out again, in its order; everything is backlog. */
  putBack(): void {
    const inHand = [...this.#inHand.values()].toSorted((a, b) => a.sequence - b.sequence);
    this.#inHand.clear();
    while (this.demote() !== undefined);
    const before = this.#backlog;
    this.#backlog = new EntryIndex();
    let entry = before.shift();
    for (const returned of inHand) {
      for (; entry !== undefined && entry.sequence < returned.sequence; entry = before.shift())
        this.#backlog.push(entry);
      this.#backlog.push(returned);
    }
    for (; entry !== undefined; entry = before.shift()) this.#backlog.push(entry);
  }

  /** Compaction made a copy; false when the entry is done by now. */
  move(sequence: number, to: Place): boolean {
    const entry = this.#inHand.get(sequence);
    if (entry === undefined) return this.#backlog.move(sequence, to) || this.fresh.move(sequence, to);
    this.#inHand.set(sequence, { ...entry, ...to });
    return true;
  }

  #hand(entry: IndexedEntry | undefined): IndexedEntry | undefined {
    if (entry !== undefined) this.#inHand.set(entry.sequence, entry);
    return entry;
  }
}
