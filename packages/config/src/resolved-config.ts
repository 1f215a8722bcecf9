import type { deadLetter, Definition, Kind, Signal, Static } from '@millrace/api';

/** A configuration that passed every check: ids resolved to definitions, settings decoded with their defaults. */
export interface ResolvedConfig {
  readonly receivers: ReadonlyMap<string, ResolvedComponent<'receiver'>>;
  readonly processors: ReadonlyMap<string, ResolvedComponent<'processor'>>;
  readonly exporters: ReadonlyMap<string, ResolvedComponent<'exporter'>>;
  readonly connectors: ReadonlyMap<string, ResolvedComponent<'connector'>>;
  readonly extensions: ReadonlyMap<string, ResolvedComponent<'extension'>>;
  /** By pipeline id: `logs`, `traces/frontend`, … in the order of the file. */
  readonly pipelines: ReadonlyMap<string, ResolvedPipeline>;
  readonly service: ServiceSettings;
}

export interface ResolvedComponent<K extends Kind = Kind> {
  readonly kind: K;
  /** As written: `otlp/2`. */
  readonly id: string;
  /** As written; may be an alias of `definition.type`. */
  readonly type: string;
  readonly definition: Definition<K>;
  /** URL of the module whose default export holds the definition; undefined when it was passed as a value. */
  readonly module: string | undefined;
  /** Where it comes from, if `plugins` names that. */
  readonly plugin?: PluginOrigin;
  /** Decoded settings: durations in milliseconds, defaults filled in. Structured-cloneable. */
  readonly config: unknown;
  /** `file:line:col` of the entry, for messages. */
  readonly location: string;
  /** Another one when something outside of the configuration has changed that it is made of: a certificate, a key. */
  readonly revision?: string;
}

/** A plugin that a configuration names. */
export interface PluginOrigin {
  /** As written: `./my-plugin.ts`, `@acme/package`. */
  readonly name: string;
  /** Its pure halves run on a worker of their own; undefined: in the pool. */
  readonly isolation: IsolationSettings | undefined;
}

/** Bounds of an isolated plugin's worker; undefined: those of the pool. */
export interface IsolationSettings {
  /** Bound of its heap, in MiB. */
  readonly heapMb: number | undefined;
  /** Share of one core that its steps may use, above 0 up to 1; undefined: no bound. */
  readonly cpu: number | undefined;
  /** A grind that runs longer is killed, in milliseconds. */
  readonly deadlineMs: number | undefined;
}

export interface ResolvedPipeline {
  readonly id: string;
  readonly signal: Signal;
  /** Ids of receivers, or of connectors in their role as receivers. */
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  /** Ids of exporters, or of connectors in their role as exporters. */
  readonly exporters: readonly string[];
  /** Which class of worker task its data makes. A key of ours: `service.pipelines.<id>.priority`. */
  readonly priority: Priority;
  readonly location: string;
}

export type Priority = 'high' | 'normal' | 'backlog';

/** The `service` section without its pipelines. */
export interface ServiceSettings {
  /** Ids in the order in which they start. */
  readonly extensions: readonly string[];
  readonly telemetry: TelemetrySettings;
  readonly workers: WorkersSettings;
  /** Longest time that one component may take to start, in milliseconds. `service.start_timeout`, ours; default 5 min. */
  readonly startTimeoutMs: number;
  /** Longest time that a shutdown may drain, in milliseconds. `service.shutdown_timeout`, ours; default 30 s. */
  readonly shutdownTimeoutMs: number;
  /** Upper bound of telemetry bytes in flight in this process. `service.bytes_in_flight_max`, ours; default 256 MiB. */
  readonly bytesInFlightMax: number;
  /** `service.control`, ours: the socket for `millrace tap`, `top` and `reload`. */
  readonly control?: ControlSettings;
  /** `service.dead_letter`, ours: of every exporter that has none of its own, and of the stages. */
  readonly deadLetter?: DeadLetterSetting;
}

/** `dead_letter` as decoded: an exporter's id, a path with a slash, `none`, or a directory with its settings. */
export type DeadLetterSetting = NonNullable<Static<ReturnType<typeof deadLetter>>>;

export interface TelemetrySettings {
  /** Where Prometheus scrapes this collector; undefined with `metrics.level: none`. Default `localhost:8888`. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  readonly logs: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly encoding: 'json' | 'console';
    readonly initialFields: Readonly<Record<string, unknown>>;
  };
  /** Attributes of the collector itself, on its metrics. */
  readonly resource: Readonly<Record<string, string>>;
  /** Attributes that would be set by themselves and must not be: those written as null. */
  readonly resourceRemoved?: readonly string[];
}

export interface ControlSettings {
  /** Undefined: as whoever runs the collector sees fit. */
  readonly enabled?: boolean;
  readonly path?: string;
}

export interface WorkersSettings {
  /** Size of the pool; 0 runs every grind on the main thread. Default: cores - 1, at least 1. */
  readonly threads: number;
  /** Bound of each worker's heap, in MiB. Default 512. */
  readonly heapMb: number;
  /** A grind that runs longer is killed, in milliseconds. Default 10 s. */
  readonly deadlineMs: number;
}

/** Finds component definitions: the built-in ones, and those that `plugins:` names. */
export interface Registry {
  /** Imports the plugin when it is first asked for. Types and aliases both answer. */
  find<K extends Kind>(kind: K, type: string): Promise<RegistryEntry<K> | undefined>;
  /** Every known type of a kind with its aliases, without importing anything; for "did you mean". */
  types(kind: Kind): readonly string[];
  /** Loads a plugin that a configuration names by path (relative to `baseDir`) or package, and adds what it defines. */
  load(specifier: string, baseDir: string): Promise<void>;
}

export interface RegistryEntry<K extends Kind = Kind> {
  readonly definition: Definition<K>;
  readonly module: string | undefined;
  /** What {@link Registry.load} was given; undefined for what was there before. */
  readonly plugin?: string;
}
