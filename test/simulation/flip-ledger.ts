import { isOnTheWay, itemsOfLine } from './dead-letters.ts';
import { hitAt } from './segment-walk.ts';
import type { StoredLedger } from './stored-ledger.ts';

const LINE_FEED = 0x0a;

/** Which items bits may have cost that turned over, and no others. */
export class FlipLedger {
  readonly #stored: StoredLedger;
  /** By exporter. */
  readonly #lost = new Map<string, Set<number>>();
  /** In dead letters, by the component that gave them up. */
  readonly #lostLetters = new Map<string, Set<number>>();
  /** How often marks were hit that an item's entry was done. */
  readonly #again = new Map<number, number>();
  /** Marks of entries that nobody knows. */
  #unknownMarks = 0;
  /** Lines of dead letters. */
  linesHit = 0;
  /** Hits of entries and marks. */
  recordsHit = 0;

  constructor(stored: StoredLedger) {
    this.#stored = stored;
  }

  mayHaveLost(exporter: string, id: number): boolean {
    return this.#lost.get(exporter)?.has(id) === true;
  }

  /** Of that component, or of one that stands before all exporters. */
  mayHaveLostLetter(component: string, id: number): boolean {
    return [...this.#lostLetters].some(([by, ids]) => (by === component || isOnTheWay(by)) && ids.has(id));
  }

  /** How often an item may have come back although it was delivered. */
  broughtBack(id: number): number {
    return (this.#again.get(id) ?? 0) + this.#unknownMarks;
  }

  /** A bit of a file turned over; `content` is what the file was before any did. */
  hit(file: string, content: Buffer, offset: number): void {
    if (file.endsWith('.seg')) this.#hitSegment(content, offset);
    else if (file.endsWith('.jsonl')) this.#hitLetters(content, offset);
  }

  #hitSegment(content: Buffer, offset: number): void {
    const hit = hitAt(content, offset);
    if (hit.kind === 'other') return;
    this.recordsHit += 1;
    if (hit.kind === 'entry') {
      const exporter = hit.queue.slice(0, hit.queue.lastIndexOf('/'));
      for (const id of this.#stored.itemsOf(hit.sequence) ?? []) enter(this.#lost, exporter, id);
      return;
    }
    for (const sequence of hit.sequences) {
      const ids = this.#stored.itemsOf(sequence);
      if (ids === undefined) this.#unknownMarks += 1;
      for (const id of ids ?? []) this.#again.set(id, (this.#again.get(id) ?? 0) + 1);
    }
  }

  #hitLetters(content: Buffer, offset: number): void {
    const isEnd = content[offset] === LINE_FEED;
    const start = content.lastIndexOf(LINE_FEED, offset - 1) + 1;
    const end = content.indexOf(LINE_FEED, isEnd ? offset + 1 : offset);
    const lines = content.subarray(offset === 0 ? 0 : start, end < 0 ? content.length : end).toString();
    for (const line of lines.split('\n')) {
      if (line === '') continue;
      this.linesHit += 1;
      const { component, ids } = itemsOfLine(Buffer.from(line));
      for (const id of ids) enter(this.#lostLetters, component, id);
    }
  }
}

function enter(sets: Map<string, Set<number>>, key: string, id: number): void {
  sets.set(key, (sets.get(key) ?? new Set()).add(id));
}
