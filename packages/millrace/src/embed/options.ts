import type { Definition, Logger, Signal } from '@millrace/api';

/** How a program starts a collector. */
export interface CollectorOptions extends ConfigOptions {
  /** What every reload keeps, too. Default: warnings and errors, as lines on the standard error. */
  readonly logger?: Logger | 'silent';
  /**
   * Whether the collector keeps the process alive until it is shut down. Default: false. In any case it does so while it
   * starts, reloads and shuts down, and while calls of its receivers are not settled.
   */
  readonly ref?: boolean;
  /**
   * Signals on which the collector shuts down and then lets the signal have its way. Default: none; the process belongs
   * to its program.
   */
  readonly shutdownOn?: readonly NodeJS.Signals[];
}

/** A configuration with the plugins that it needs. */
export interface ConfigOptions {
  /**
   * A configuration as an object; or YAML text (with more than one line); or where one is: a path, a file URL, `env:NAME`,
   * `yaml:TEXT`, `https:…`; several are merged in order.
   */
  readonly config: CollectorConfig | string | URL | readonly (string | URL)[];
  /** Components beside the built-in ones. A value takes the place of a built-in one of its type. */
  readonly plugins?: readonly PluginInput[];
  /** What `${env:NAME}` stands for. Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What relative paths in `config` and `plugins` start from. Default: the working directory of the process. */
  readonly cwd?: string;
}

/**
 * A plugin: its definition (or several) as a value, or the path, file URL or package name of its module. What comes as a
 * value runs on the main thread only; workers can import nothing but modules.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- A definition of any settings.
export type PluginInput = Definition<any, any> | readonly Definition<any, any>[] | string | URL;

/** Settings of components by their ids, `type` or `type/name`; null stands for the defaults. */
export type ComponentsConfig = Readonly<Record<string, object | null | undefined>>;

/** A configuration as an object: the same sections and keys as in YAML. */
export interface CollectorConfig {
  readonly receivers?: ComponentsConfig;
  readonly processors?: ComponentsConfig;
  readonly exporters?: ComponentsConfig;
  readonly connectors?: ComponentsConfig;
  readonly extensions?: ComponentsConfig;
  /** Modules of plugins, as in YAML; `plugins` beside the configuration takes values, too. */
  readonly plugins?: readonly string[];
  readonly service: {
    readonly pipelines: Readonly<Partial<Record<PipelineId, PipelineConfig>>>;
    readonly extensions?: readonly string[];
    readonly telemetry?: object;
    readonly workers?: { readonly threads?: number; readonly heap_mb?: number; readonly deadline?: string };
    readonly [key: string]: unknown;
  };
}

export type PipelineId = Signal | `${Signal}/${string}`;

export interface PipelineConfig {
  readonly receivers: readonly string[];
  readonly processors?: readonly string[];
  readonly exporters: readonly string[];
  readonly [key: string]: unknown;
}
