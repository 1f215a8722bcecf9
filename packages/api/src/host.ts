import type { Batch, ClientContext } from './batch.ts';
import type { Signal } from './signal.ts';
import type { ComponentState } from './storage.ts';

/** Structured log lines of the collector itself. Fields never hold payloads or secrets. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** Time, injected so that tests and simulations can turn it by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds from an arbitrary start that never goes back. */
  monotonic(): number;
  /** Runs `callback` once after `delayMs`; the result cancels it. A pending timer does not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Self-telemetry. Call once per batch, never per record: an `add` costs about 0.4 µs. */
export interface Telemetry {
  /** `name` without the `otelcol_` prefix, which is added. The same name gives the same instrument. */
  counter(name: string, options: InstrumentOptions): Counter;
  histogram(name: string, options: InstrumentOptions & { readonly boundaries?: readonly number[] }): Histogram;
  /** `observe` is called at each scrape; the result stops it. */
  gauge(name: string, options: InstrumentOptions & { readonly labels?: Labels }, observe: () => number): () => void;
}

export interface InstrumentOptions {
  readonly description: string;
  /** UCUM unit (`By`, `ms`, `{spans}`). */
  readonly unit?: string;
}

export interface Counter {
  add(value: number, labels?: Labels): void;
}

export interface Histogram {
  record(value: number, labels?: Labels): void;
}

export type Labels = Readonly<Record<string, string>>;

/** How a component is doing, as shown by `health_check`. */
export type ComponentStatus =
  | 'starting'
  | 'ok'
  /** Fails at the moment and keeps trying. */
  | 'recoverable_error'
  /** Will not work again without a change from outside; the rest of the collector goes on. */
  | 'permanent_error'
  | 'stopping'
  | 'stopped';

/** What every component is given at creation. */
export interface ComponentHost {
  /** `type` or `type/name`. */
  readonly id: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Version of the collector, for user agents and resource attributes. */
  readonly version: string;
  /** What memory the process uses now. */
  memory(): MemoryUse;
  /** The running extension with this id, or undefined; what it offers is agreed between the two components. */
  readonly extension: (id: string) => unknown;
  /**
   * What this component remembers over restarts, in the storage extension with this id (see `storageId`); nobody else
   * sees it. From `start` on. Throws a ComponentError (STORAGE_UNAVAILABLE) where no such storage runs.
   */
  state(storage: string): ComponentState;
  reportStatus(status: ComponentStatus, message?: string): void;
  /** Tells people where they find the component's outside: an address it listens on, a file that it writes. */
  announce(what: Announcement['what'], place: string): void;
}

/** A place in the world that a component uses, for the start-up summary. */
export interface Announcement {
  readonly kind: 'receiver' | 'processor' | 'exporter' | 'connector' | 'extension';
  readonly id: string;
  readonly what: 'listens' | 'reads' | 'writes' | 'sends';
  /** `http://localhost:4318`, `data/logs.jsonl.zst.age`. */
  readonly place: string;
}

/** All in bytes. */
export interface MemoryUse {
  /** Resident set size of the process. */
  readonly rss: number;
  /** Live JavaScript heap of the main thread. */
  readonly heapUsed: number;
  /** Telemetry held in buffers outside the heap: bodies, batches, queues. */
  readonly inFlight: number;
  /** Bound of `inFlight`. */
  readonly inFlightMax: number;
}

/** A request body that is being read, in accounted memory. */
export interface Body {
  /** Copies `chunk` to the end. Throws a retryable error when the collector's memory budget is used up. */
  append(chunk: Uint8Array): void;
  /** What was appended so far. */
  readonly bytes: Uint8Array;
  /** Gives the memory back; only for a body that was not passed to `consume`. Calling it again does nothing. */
  release(): void;
}

/** Raw input for `decode`, or OTLP protobuf where the receiver declares none. */
export interface Payload {
  /** A {@link Body} passes to the collector with this call; plain bytes are copied if they have to be. */
  readonly body: Body | Uint8Array;
  /** What `decode` needs to know (content type, encoding, …): structured-cloneable data. */
  readonly form?: unknown;
  readonly context?: ClientContext;
  /** How it came (`grpc`, `http`, …), a label of the receiver's metrics. */
  readonly transport?: string;
}

/** The answer to a payload that was taken. */
export interface Receipt {
  /** Items that the payload held. */
  readonly items: number;
}

/** What a receiver is given. */
export interface ReceiverHost extends ComponentHost {
  /** Signals for which some pipeline uses this receiver. */
  readonly signals: ReadonlySet<Signal>;
  /**
   * Asks for room before a body is read. `expectedBytes` is its announced length, if there is one.
   * Throws a retryable {@link DeliveryError} when data is being refused (memory limit, budget, shutdown).
   */
  admit(signal: Signal, expectedBytes?: number): Body;
  /**
   * Hands a payload to every pipeline of its signal. Resolves when each has taken responsibility: delivered it, or
   * stored it as the pipeline's guarantee says. Rejects with a {@link DeliveryError}; then nobody has taken it.
   * `failedItems` on a permanent error means that the other items were taken (partial success).
   */
  consume(signal: Signal, payload: Payload): Promise<Receipt>;
}

/** What a stateful processor is given, one for each pipeline that it is in. */
export interface StatefulHost extends ComponentHost {
  readonly signal: Signal;
  /** Whether the rest of the pipeline acknowledges into memory, or only once data is delivered or on disk. */
  readonly guarantee: 'memory' | 'safe';
  /**
   * Passes batches on, merged into one. Takes them over, whatever happens. Resolves when everything after this
   * component has taken responsibility; rejects with a {@link DeliveryError}.
   */
  next(batches: readonly Batch[]): Promise<void>;
  /**
   * Cuts a batch into ones of at most `maxItems`; takes the given one over. Throws a retryable error, without having
   * taken it, when there is no memory for the pieces.
   */
  split(batch: Batch, maxItems: number): readonly Batch[];
  /**
   * A batch over a copy of OTLP export requests of this signal, which must be valid. It keeps the sender of `from`, which
   * may have been released. Throws a retryable error where there is no memory for it.
   */
  makeBatch(chunks: readonly Uint8Array[], from?: Pick<Batch, 'context'>): Batch;
}

/** What a stateful connector is given, one for each pair of signals that it connects. */
export interface ConnectorHost extends ComponentHost {
  /** What `consume` is given. */
  readonly from: Signal;
  /** What goes through `next`. */
  readonly to: Signal;
  /** Ids of the pipelines of signal `to` that receive from this connector; at least one. */
  readonly pipelines: readonly string[];
  /** Whether all receiving pipelines acknowledge into memory, or one only once data is delivered or on disk. */
  readonly guarantee: 'memory' | 'safe';
  /**
   * Passes batches on, merged into one, to the receiving pipelines named, or to all. Takes them over, whatever happens:
   * who may need a batch again passes a `share()` of it. Resolves when each of these pipelines has taken
   * responsibility; rejects with a {@link DeliveryError} when one has not, though others may have.
   */
  next(batches: readonly Batch[], pipelines?: readonly string[]): Promise<void>;
  /**
   * A batch over a copy of OTLP export requests of signal `to`, which must be valid. It keeps the sender of `from`, which
   * may have been released. Throws a retryable error where there is no memory for it.
   */
  makeBatch(chunks: readonly Uint8Array[], from?: Pick<Batch, 'context'>): Batch;
}

/** What an exporter's sink is given. */
export interface ExporterHost extends ComponentHost {
  /** Runs one of the definition's `jobs` on the workers (or in place, where there are none). */
  run(job: string, input: Uint8Array, params: unknown): Promise<Uint8Array>;
}

/** What an extension is given. */
export interface ExtensionHost extends ComponentHost {
  readonly collector: CollectorView;
}

/** The running collector, as extensions may see it. */
export interface CollectorView {
  /** True from the moment every component has started until shutdown begins. */
  readonly ready: boolean;
  /** When the collector started, in milliseconds since the Unix epoch. */
  readonly startedAtMs: number;
  /** Every component with its present state. */
  components(): readonly ComponentReport[];
  /** Every pipeline as it is put together now. */
  pipelines(): readonly PipelineReport[];
}

/** A pipeline, by the ids of its components. */
export interface PipelineReport {
  readonly id: string;
  readonly signal: Signal;
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

export interface ComponentReport {
  readonly id: string;
  readonly kind: 'receiver' | 'processor' | 'exporter' | 'connector' | 'extension';
  readonly status: ComponentStatus;
  readonly message: string | undefined;
  /** When the status last changed, in milliseconds since the Unix epoch. */
  readonly sinceMs: number;
}

/** What a pure step is given; it may run on a worker thread. */
export interface StepTools {
  /** `type` or `type/name`. */
  readonly id: string;
  /** Adds to a counter of the component: `otelcol_<name>` with the component as a label. Once per batch. */
  count(name: string, value: number): void;
  /** Nanoseconds since the Unix epoch. */
  nowUnixNano(): bigint;
  readonly logger: Logger;
  /** Who sent the data that is being processed, where `usesContext` is declared. */
  readonly context: ClientContext | undefined;
}
