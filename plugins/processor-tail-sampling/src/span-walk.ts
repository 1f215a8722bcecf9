import { type SpansResourceView, TracesBatch, WireReader } from '@millrace/otlp';
import type { Watcher } from './policies/policy.ts';

/** resource_spans in an export request. */
const RESOURCES = (1 << 3) | 2;

/**
 * Shows watchers the spans of traces, trace by trace, in one walk over all their bytes: to make views for each trace would
 * cost more than to look at its spans. "tail sampling" in benchmarks/micro/tail-sampling.ts.
 */
export class SpanWalk {
  readonly #resources: Iterator<SpansResourceView>;
  readonly #counts: readonly number[];
  readonly #watchers: readonly Watcher[];
  /** Those that still want to see something of the current trace come first. */
  readonly #open: Watcher[];
  #next = 0;

  /** Each trace with the export requests that hold its spans. They must stay as they are until the walk has ended. */
  constructor(traces: readonly (readonly Uint8Array[])[], watchers: readonly Watcher[]) {
    this.#counts = traces.map(countResources);
    this.#resources = TracesBatch.of(traces.flat()).resources;
    this.#watchers = watchers;
    this.#open = [...watchers];
  }

  /** Shows the next trace. */
  show(): void {
    let open = this.#watchers.length;
    for (let i = 0; i < open; i++) {
      this.#watchers[i].begin();
      this.#open[i] = this.#watchers[i];
    }
    const count = this.#counts[this.#next++];
    for (let i = 0; i < count; i++) {
      const { value } = this.#resources.next() as IteratorYieldResult<SpansResourceView>;
      if (open > 0) open = this.#showResource(value, open);
    }
  }

  /** How many watchers are still open afterwards. */
  #showResource(resource: SpansResourceView, before: number): number {
    const watchers = this.#open;
    let open = before;
    for (let i = 0; i < open;) {
      if (watchers[i].seesResource(resource)) watchers[i] = watchers[--open];
      else i++;
    }
    if (open === 0) return 0;
    for (const scope of resource.scopes) {
      for (const span of scope.spans) {
        for (let i = 0; i < open;) {
          if (watchers[i].seesSpan(span)) watchers[i] = watchers[--open];
          else i++;
        }
        if (open === 0) return 0;
      }
    }
    return open;
  }
}

function countResources(chunks: readonly Uint8Array[]): number {
  let count = 0;
  for (const chunk of chunks) {
    const reader = new WireReader(chunk);
    while (!reader.done) {
      const tag = reader.tag();
      if (tag === RESOURCES) count++;
      reader.skip(tag);
    }
  }
  return count;
}
