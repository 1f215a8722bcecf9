import { type Batch, type Clock, type ConnectorHost, type Signal, type StatefulHost } from '@millrace/api';
import { countItems, splitChunks } from '@millrace/otlp';

const nothing = () => undefined;

/** What a pure step is given, and a host's part of it: nothing is logged or counted. */
export const QUIET = {
  id: 'benchmark',
  logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
  context: undefined,
  count: nothing,
  nowUnixNano: () => 0n,
} as const;

/** A batch in ordinary memory that nobody accounts. */
export class PlainBatch implements Batch {
  readonly signal: Signal;
  readonly context = undefined;
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
  readonly bytes: number;

  constructor(signal: Signal, chunks: readonly Uint8Array[]) {
    this.signal = signal;
    this.chunks = chunks;
    this.items = chunks.reduce((sum, chunk) => sum + countItems(signal, chunk), 0);
    this.bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  share(): Batch {
    return this;
  }

  release(): void {}
}

/** Time that stands still between steps. */
export class StepClock implements Clock {
  #ms = 0;
  readonly #timers = new Map<() => void, number>();

  now(): number {
    return 1_790_000_000_000 + this.#ms;
  }

  monotonic(): number {
    return this.#ms;
  }

  after(delayMs: number, callback: () => void): () => void {
    this.#timers.set(callback, this.#ms + delayMs);
    return () => void this.#timers.delete(callback);
  }

  /** Lets time pass; what was due by then is called, in no order. */
  step(ms: number): void {
    this.#ms += ms;
    const due = [...this.#timers].filter(([, dueMs]) => dueMs <= this.#ms);
    for (const [callback] of due) if (this.#timers.delete(callback)) callback();
  }
}

/** Pipelines that receive from a connector. */
export const PIPELINES = ['logs/a', 'logs/b', 'traces/a', 'traces/b', 'metrics/a', 'metrics/b'];

/** The host of a stateful processor or connector, behind which everything is taken at once. */
export class PlainHost implements StatefulHost, ConnectorHost {
  readonly id = QUIET.id;
  readonly logger = QUIET.logger;
  readonly version = '0.0.0';
  readonly signal: Signal;
  readonly from: Signal;
  readonly to: Signal;
  readonly pipelines = PIPELINES;
  readonly guarantee = 'safe';
  readonly clock = new StepClock();
  readonly telemetry = {
    counter: () => ({ add: nothing }),
    histogram: () => ({ record: nothing }),
    gauge: () => nothing,
  };
  /** What was passed on: a benchmark that passes nothing measures too little. */
  passedItems = 0;

  constructor(signal: Signal, to = signal) {
    this.signal = signal;
    this.from = signal;
    this.to = to;
  }

  // Components take methods off their host: all of them are bound.
  readonly extension = nothing;
  readonly reportStatus = nothing;
  readonly announce = nothing;
  readonly memory = () => ({ rss: 0, heapUsed: 0, inFlight: 0, inFlightMax: 2 ** 40 });

  readonly state = () => {
    throw new Error('there is no storage here');
  };

  readonly makeBatch = (chunks: readonly Uint8Array[]): Batch =>
    new PlainBatch(
      this.to,
      chunks.map((chunk) => chunk.slice()),
    );

  readonly split = ({ chunks }: Batch, itemsMax: number): readonly Batch[] =>
    splitChunks(this.signal, chunks, { itemsMax }).map((each) => new PlainBatch(this.signal, each));

  readonly next = (batches: readonly Batch[]): Promise<void> => {
    for (const { items } of batches) this.passedItems += items;
    return Promise.resolve();
  };
}
