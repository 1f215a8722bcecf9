import type { HeldTrace } from './held-trace.ts';

/** Traces by id and by age. Taking the oldest out takes the same time however many there are, which a Map alone does not. */
export class TraceTable {
  readonly #byKey = new Map<string, HeldTrace>();
  #oldest: HeldTrace | undefined;
  #newest: HeldTrace | undefined;

  get size(): number {
    return this.#byKey.size;
  }

  get oldest(): HeldTrace | undefined {
    return this.#oldest;
  }

  get(key: string): HeldTrace | undefined {
    return this.#byKey.get(key);
  }

  add(trace: HeldTrace): void {
    this.#byKey.set(trace.key, trace);
    trace.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = trace;
    else this.#newest.newer = trace;
    this.#newest = trace;
  }

  /** Does nothing when it is not there. */
  delete(trace: HeldTrace): void {
    if (!this.#byKey.delete(trace.key)) return;
    if (trace.older === undefined) this.#oldest = trace.newer;
    else trace.older.newer = trace.newer;
    if (trace.newer === undefined) this.#newest = trace.older;
    else trace.newer.older = trace.older;
    trace.older = trace.newer = undefined;
  }
}
