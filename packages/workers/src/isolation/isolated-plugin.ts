/** A plugin whose steps run on a worker of their own. */
export interface IsolatedPlugin {
  /** As the configuration names it: `./my-plugin.ts`, `@acme/package`. */
  readonly name: string;
  /** URLs of the modules that define its steps. */
  readonly modules: readonly string[];
  /** Bound of the worker's heap, in mebibytes. */
  readonly heapMb: number;
  /** A run that takes longer ends the worker, in milliseconds. */
  readonly deadlineMs: number;
  /** Share of one core that its grinds may use, above 0 up to 1; undefined: all of it. */
  readonly cpu: number | undefined;
}

/** How an isolated plugin is doing. */
export interface PluginStats {
  readonly plugin: string;
  /** CPU time of its workers since they were made, in milliseconds. */
  readonly cpuMs: number;
  /** Heap in use when it was last looked at, in bytes: after a grind, at most once a second. */
  readonly heapBytes: number;
  /** Bound of the heap, in bytes. */
  readonly heapBytesMax: number;
  /** Time that grinds waited because the plugin had used up its share, in milliseconds. */
  readonly throttledMs: number;
  readonly workersLost: number;
}
