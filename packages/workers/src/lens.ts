import type { Signal } from '@millrace/api';
import { countItems } from '@millrace/otlp';
import { branchKey, leafKey, stepKey } from './observation-point.ts';
import { sliceItems } from './slice-items.ts';

/** What of one grind is to be looked at. */
export interface LensOrder {
  /** Keys of points; undefined: all. */
  readonly keys: readonly string[] | undefined;
  /** Most bytes of one sight. */
  readonly bytesMax: number;
}

/** Data at one moment, or as much of it as the limit allows. A copy, which belongs to whoever gets it. */
export interface Sight {
  /** Of a junction's output: the pipeline that it goes to. */
  readonly pipeline: string;
  readonly signal: Signal;
  /** OTLP protobuf, each chunk a request by itself; none where not even the first item is within the limit. */
  readonly chunks: readonly Uint8Array[];
  /** Items in `chunks`, which are the first ones. */
  readonly items: number;
  /** Items that there were. */
  readonly itemsTotal: number;
}

/** What a lens has seen at one point, on its way to the main thread. */
export interface LensCapture {
  readonly key: string;
  /** Counts the runs of a grind. */
  readonly run: number;
  readonly before: Sight;
  readonly after: readonly Sight[];
  isDiscarded: boolean;
}

/** Data between two steps. */
interface Passing {
  readonly pipeline: string;
  readonly signal: Signal;
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
}

/** Copies what passes the points of a plan during one grind. Exists only while somebody looks. */
export class Lens {
  readonly captures: LensCapture[] = [];
  readonly #keys: ReadonlySet<string> | undefined;
  readonly #bytesMax: number;
  #run = -1;

  constructor({ keys, bytesMax }: LensOrder) {
    this.#keys = keys === undefined ? undefined : new Set(keys);
    this.#bytesMax = bytesMax;
  }

  /** A run begins. */
  begin(): void {
    this.#run++;
  }

  /** The run has failed: what fails is left out of the next one, which shows the rest again. */
  discard(): void {
    for (const capture of this.captures) if (capture.run === this.#run) capture.isDiscarded = true;
  }

  branch(index: number, data: Passing): void {
    this.#see(branchKey(index), data, []);
  }

  transform(ordinal: number, before: Passing, after: Passing): void {
    this.#see(stepKey(ordinal), before, [after]);
  }

  junction(ordinal: number, before: Passing, after: readonly Passing[]): void {
    this.#see(stepKey(ordinal), before, after);
  }

  leaf(leaf: number, data: Passing): void {
    this.#see(leafKey(leaf), data, []);
  }

  #see(key: string, before: Passing, after: readonly Passing[]): void {
    if (this.#keys?.has(key) === false) return;
    this.captures.push({
      key,
      run: this.#run,
      before: this.#sight(before),
      after: after.map((each) => this.#sight(each)),
      isDiscarded: false,
    });
  }

  #sight({ pipeline, signal, chunks, items }: Passing): Sight {
    const shown = firstItems(signal, chunks, items, this.#bytesMax);
    const shownItems = shown === chunks ? items : countAll(signal, shown);
    return {
      pipeline,
      signal,
      chunks: shown.map((chunk) => chunk.slice()),
      items: shownItems,
      itemsTotal: items,
    };
  }
}

/** As many of the first items as fit, going by their mean size; none if not even one does. */
function firstItems(
  signal: Signal,
  chunks: readonly Uint8Array[],
  items: number,
  bytesMax: number,
): readonly Uint8Array[] {
  const bytes = bytesOf(chunks);
  if (bytes <= bytesMax) return chunks;
  const wanted = Math.max(1, Math.floor((items * bytesMax) / bytes));
  for (let count = wanted; count > 0; count >>>= 1) {
    const first = sliceItems(signal, headOf(signal, chunks, count), 0, count);
    if (bytesOf(first) <= bytesMax) return first;
  }
  return [];
}

/** The first chunks, with at least so many items. */
function headOf(signal: Signal, chunks: readonly Uint8Array[], items: number): readonly Uint8Array[] {
  let found = 0;
  const end = chunks.findIndex((chunk) => (found += countItems(signal, chunk)) >= items);
  return end < 0 ? chunks : chunks.slice(0, end + 1);
}

function bytesOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

function countAll(signal: Signal, chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + countItems(signal, chunk), 0);
}
