import type { ConfigOptions } from './read-config.ts';
import { run } from './run.ts';

export interface DevOptions extends ConfigOptions {
  /** Plugins beside those that the configuration names. */
  readonly plugin: readonly string[];
}

/** How often the files are looked at: a change is taken up when it was the same twice. */
const WATCH_PERIOD_MS = 100;

/** Runs a configuration, and takes every change of it and of its plugins up under live data. The result is the exit code. */
export function dev({ plugin, ...options }: DevOptions): Promise<number> {
  return run({ ...options, watch: true, development: { plugins: plugin, watchPeriodMs: WATCH_PERIOD_MS } });
}
