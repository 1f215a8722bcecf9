/** The kinds of telemetry. Profiles pass through pipelines unchanged. */
export type Signal = 'logs' | 'traces' | 'metrics' | 'profiles';

export const SIGNALS: readonly Signal[] = ['logs', 'traces', 'metrics', 'profiles'];

/** What one item of each signal is called in metric names: `otelcol_receiver_accepted_<...>`. */
export const ITEM_NAMES: Readonly<Record<Signal, string>> = {
  logs: 'log_records',
  traces: 'spans',
  metrics: 'metric_points',
  profiles: 'profile_samples',
};
