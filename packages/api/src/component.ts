import type { LogsBatch, MetricsBatch, ProfilesBatch, TracesBatch } from '@millrace/otlp';
import type { Batch, ClientContext } from './batch.ts';
import type {
  ComponentHost,
  ConnectorHost,
  ExporterHost,
  ExtensionHost,
  ReceiverHost,
  StatefulHost,
  StepTools,
} from './host.ts';
import type { Schema } from './schema.ts';
import type { Signal } from './signal.ts';
import type { StorageDirectory } from './storage.ts';

/** Version of this interface; a plugin made for another major version is refused at load. */
export const API_VERSION = 1;

/** A batch whose records can be read and changed in place. */
export type OpenBatch = LogsBatch | TracesBatch | MetricsBatch | ProfilesBatch;

/** How far a component can be relied on, in the Collector's words. */
export type Stability = 'development' | 'alpha' | 'beta' | 'stable' | 'deprecated';

/** A configuration that works, shown in the docs and run by a test. */
export interface Example {
  readonly title: string;
  /** The component's entry as in a config file: `type/name: {...}`. */
  readonly yaml: string;
}

/** What a definition of any kind states about itself. Modules must have no side effects at import. */
export interface Description<C> {
  /** First part of the component's id, as in the Collector where it has the component. */
  readonly type: string;
  /** Other names by which a configuration may call it. */
  readonly aliases?: readonly string[];
  /** One sentence for lists and docs. */
  readonly summary: string;
  readonly stability: Stability;
  /** Schema of the component's settings; `Type.Object({...})`. */
  readonly config: Schema<C>;
  readonly examples: readonly Example[];
  /**
   * Checks that a schema cannot express; one entry for each fault. `path` leads into the config
   * (`['tls', 'cert_file']`).
   */
  check?(config: C): readonly ConfigFault[];
}

export interface ConfigFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly remedy?: string;
}

/** Calls are sequential: `start` once, then `shutdown`, which may also come without `start` and more than once. */
export interface Lifecycle {
  /** Does the I/O that creation must not. Throwing ends the start of the collector. */
  start?(): void | Promise<void>;
  /** Stops taking work in, finishes what it has, releases everything. */
  shutdown?(): void | Promise<void>;
}

/** Turns raw payloads into OTLP protobuf. Pure; runs on workers. */
export interface Decoder {
  /**
   * `body` is only valid during the call; the result may be a view of it. `form` is what the receiver passed to
   * `consume`. Throws a permanent error for input that is not what it claims to be. The result is validated unless
   * `trusted` is set.
   */
  decode(signal: Signal, body: Uint8Array, form: unknown): Uint8Array;
  /** The output is valid by construction. */
  readonly trusted?: boolean;
}

export interface ReceiverDefinition<C = unknown> extends Description<C> {
  readonly signals: readonly Signal[];
  /** Makes the I/O half, on the main thread; one for all signals. */
  create(config: C, host: ReceiverHost): Lifecycle;
  /** Makes the pure half. Without it, payloads are OTLP protobuf. */
  decoder?(config: C, tools: StepTools): Decoder;
}

/**
 * A pure transform: one method for each signal that it handles. It changes the batch in place. No I/O, no state that
 * outlives the call except caches, as several copies run on several threads.
 */
export interface Transform {
  logs?(batch: LogsBatch): void;
  traces?(batch: TracesBatch): void;
  metrics?(batch: MetricsBatch): void;
  profiles?(batch: ProfilesBatch): void;
}

/** A component between others that holds data between calls; lives on the main thread. */
export interface StatefulComponent extends Lifecycle {
  /**
   * Passes on what is held. Batches may still come afterwards, from senders that had been accepted before; they are
   * passed on without being held.
   */
  shutdown(): Promise<void>;
  /**
   * Resolves when nothing that it took is held or on its way; called after `shutdown`. Only for components that
   * acknowledge before somebody after them has taken responsibility.
   */
  settled?(): Promise<void>;
  /** Items that it has acknowledged and that nobody after it has taken yet; reported when a shutdown leaves them. */
  readonly heldItems?: number;
  /**
   * Takes a batch over. Resolves once the component, or everything after it, has taken responsibility; rejects with a
   * DeliveryError, after having released the batch.
   */
  consume(batch: Batch): Promise<void>;
}

/** One for each pipeline that it is in. */
export type StatefulProcessor = StatefulComponent;

/** One for each pair of signals that it connects, for all of their pipelines. */
export type StatefulConnector = StatefulComponent;

/** Decides at the intake whether a pipeline takes data at all, before a body is read. */
export interface Gate extends Lifecycle {
  /** Throws a retryable DeliveryError to refuse. */
  admit(bytes: number): void;
}

/** Exactly one of `create`, `stateful` and `gate`. */
export interface ProcessorDefinition<C = unknown> extends Description<C> {
  /** Whether it reads the sender's context, with this config: batches of different senders are then kept apart. */
  usesContext?(config: C): boolean;
  create?(config: C, tools: StepTools): Transform;
  readonly stateful?: {
    readonly signals: readonly Signal[];
    /**
     * What a resolved `consume` means with this config; default `delivered`. `delivered`: what `next` has resolved for,
     * or less where `host.guarantee` is `memory` anyway. `taken`: it is held in memory, whatever comes behind; as nobody
     * waits for what is then passed on, the engine offers that to a destination which refuses it for now until it is taken.
     */
    acknowledges?(config: C): 'delivered' | 'taken';
    create(config: C, host: StatefulHost): StatefulProcessor;
  };
  readonly gate?: {
    readonly signals: readonly Signal[];
    create(config: C, host: ComponentHost): Gate;
  };
}

/** Makes the payload that the sink sends. Pure; runs on workers. */
export interface Encoder {
  /** Called once per batch; the result is copied before the next call. */
  encode(batch: OpenBatch): Uint8Array;
}

/** An encoded batch, ready to leave. */
export interface Outgoing {
  readonly signal: Signal;
  /** The encoder's result; valid until `send` settles. */
  readonly bytes: Uint8Array;
  readonly items: number;
  readonly context: ClientContext | undefined;
  /** Aborted when the exporter's `timeout` is over or the collector cannot wait any longer. */
  readonly abort: AbortSignal;
}

/** The I/O half of an exporter. */
export interface Sink extends Lifecycle {
  /**
   * What a resolved `send` means: `safe` (default): delivered, or on disk; `memory`: a crash may still lose it, so that
   * nobody upstream need wait for it.
   */
  readonly guarantee?: 'memory' | 'safe';
  /** The setting that would make the guarantee `safe`, as shown to people: `fsync: true`. */
  readonly strengthenedBy?: string;
  /**
   * Resolves when the destination has the data; rejects with a DeliveryError (retryable: the engine sends the same
   * payload again). May be called again while earlier calls are under way.
   */
  send(payload: Outgoing): Promise<void>;
}

export interface ExporterDefinition<C = unknown> extends Description<C> {
  readonly signals: readonly Signal[];
  /** Makes the pure half. Without it, or where it returns undefined, payloads are OTLP protobuf. */
  encoder?(config: C, tools: StepTools): Encoder | undefined;
  /** Makes the I/O half, on the main thread; one for all signals. */
  create(config: C, host: ExporterHost): Sink;
  /** Pure functions that the sink may run on workers through `host.run`. `params` are structured-cloneable. */
  readonly jobs?: Readonly<Record<string, (input: Uint8Array, params: never) => Uint8Array>>;
}

/** Where a connector puts what it makes. */
export interface ConnectorOutput {
  /** Passes a batch to the receiving pipelines named (ids such as `logs/errors`), or to all of its signal. */
  emit(batch: OpenBatch, pipelines?: readonly string[]): void;
  /** The pipelines that receive from this connector. */
  readonly pipelines: readonly string[];
}

/** A pure connector: what comes out depends on the batch alone. */
export interface Junction {
  /** Ids of receiving pipelines that its settings name; that they exist is checked at start. */
  readonly pipelines?: readonly string[];
  logs?(batch: LogsBatch, out: ConnectorOutput): void;
  traces?(batch: TracesBatch, out: ConnectorOutput): void;
  metrics?(batch: MetricsBatch, out: ConnectorOutput): void;
  profiles?(batch: ProfilesBatch, out: ConnectorOutput): void;
}

/** Exactly one of `create` and `stateful`. */
export interface ConnectorDefinition<C = unknown> extends Description<C> {
  /** Which signal it can take and which it then gives. */
  readonly routes: readonly { readonly from: Signal; readonly to: Signal }[];
  /** Whether it reads the sender's context, with this config: batches of different senders are then kept apart. */
  usesContext?(config: C): boolean;
  create?(config: C, tools: StepTools): Junction;
  readonly stateful?: {
    /**
     * What a resolved `consume` means.
     * - `delivered`: `next` has resolved for what became of the batch. Refusals of a receiving pipeline come back
     *   through `next`, so that the connector can turn to another one.
     *   With `sending_queue` in its settings, the engine puts a queue in memory in front of it, as of exporters.
     * - `taken`: the connector has made something of its own of the batch, such as a sum, in memory. As nobody waits for
     *   what it then passes on, the engine offers that to a destination which refuses it for now until it is taken;
     *   `next` rejects for good reasons only, and when the collector ends.
     */
    readonly acknowledges: 'delivered' | 'taken';
    create(config: C, host: ConnectorHost): StatefulConnector;
  };
}

export interface ExtensionDefinition<C = unknown> extends Description<C> {
  create(config: C, host: ExtensionHost): Lifecycle;
  /**
   * Makes it a storage, which `storage:` keys may name: says where the engine is to keep what others put into it. Called
   * once, after `start`; may do I/O. Throws a ComponentError to end the start.
   */
  storage?(config: C): StorageDirectory | Promise<StorageDirectory>;
}

interface Definitions<C> {
  receiver: ReceiverDefinition<C>;
  processor: ProcessorDefinition<C>;
  exporter: ExporterDefinition<C>;
  connector: ConnectorDefinition<C>;
  extension: ExtensionDefinition<C>;
}

/** What a plugin module's default export is (or a list of them). */
export type Definition<K extends Kind = Kind, C = unknown> = {
  [P in K]: { readonly kind: P; readonly api: number } & Definitions<C>[P];
}[K];

export type Kind = 'receiver' | 'processor' | 'exporter' | 'connector' | 'extension';

export function defineReceiver<C>(definition: ReceiverDefinition<C>): Definition<'receiver', C> {
  return { kind: 'receiver', api: API_VERSION, ...definition };
}

export function defineProcessor<C>(definition: ProcessorDefinition<C>): Definition<'processor', C> {
  return { kind: 'processor', api: API_VERSION, ...definition };
}

export function defineExporter<C>(definition: ExporterDefinition<C>): Definition<'exporter', C> {
  return { kind: 'exporter', api: API_VERSION, ...definition };
}

export function defineConnector<C>(definition: ConnectorDefinition<C>): Definition<'connector', C> {
  return { kind: 'connector', api: API_VERSION, ...definition };
}

export function defineExtension<C>(definition: ExtensionDefinition<C>): Definition<'extension', C> {
  return { kind: 'extension', api: API_VERSION, ...definition };
}
