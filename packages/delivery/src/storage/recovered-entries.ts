import { RunSet } from './done-marks.ts';
import type { DoneMarks } from './done-marks.ts';
import { EntryIndex } from './entry-index.ts';
import type { IndexedEntry } from './entry-index.ts';
import type { SegmentTable } from './segment.ts';

/** Collects what the segments hold, in whatever order, and then says which entries are still to be delivered. */
export class RecoveredEntries {
  readonly #scanned = new Map<string, EntryIndex>();
  readonly #marks = new Map<number, number[]>();

  add(queue: string, entry: IndexedEntry): void {
    let index = this.#scanned.get(queue);
    if (index === undefined) this.#scanned.set(queue, (index = new EntryIndex()));
    index.push(entry);
  }

  mark({ segment, runs }: DoneMarks): void {
    const known = this.#marks.get(segment);
    if (known === undefined) this.#marks.set(segment, [...runs]);
    else for (const value of runs) known.push(value);
  }

  /**
   * The entries that are not done, by queue, in order. They are counted as live in their segments. `surplus` are the
   * copies (compaction was cut short) that are not used, and must be marked.
   */
  settle(table: SegmentTable): { queues: Map<string, EntryIndex>; surplus: { segment: number; sequence: number }[] } {
    const done = new Map([...this.#marks].map(([segment, runs]) => [segment, new RunSet(runs)]));
    const queues = new Map<string, EntryIndex>();
    const surplus: { segment: number; sequence: number }[] = [];
    for (const [queue, scanned] of this.#scanned) {
      const index = new EntryIndex();
      let last: IndexedEntry | undefined;
      for (const entry of inOrder(scanned)) {
        if (done.get(entry.segment)?.has(entry.sequence) === true) continue;
        if (entry.sequence === last?.sequence) {
          surplus.push({ segment: entry.segment, sequence: entry.sequence });
          continue;
        }
        last = entry;
        index.push(entry);
        table.get(entry.segment)?.addLive(entry.bytes);
      }
      queues.set(queue, index);
      this.#scanned.delete(queue);
    }
    return { queues, surplus };
  }
}

function* inOrder(index: EntryIndex): Iterable<IndexedEntry> {
  const { length } = index;
  let sorted = true;
  const sequences = new Float64Array(length);
  for (let at = 0; at < length; at++) {
    sequences[at] = index.at(at).sequence;
    if (at > 0 && sequences[at] < sequences[at - 1]) sorted = false;
  }
  if (sorted) {
    for (let at = 0; at < length; at++) yield index.at(at);
    return;
  }
  const order = Uint32Array.from({ length }, (_, at) => at);
  order.sort((a, b) => sequences[a] - sequences[b] || a - b);
  for (const at of order) yield index.at(at);
}
