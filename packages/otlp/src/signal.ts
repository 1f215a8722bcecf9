/** The kinds of telemetry, as pipelines name them. */
export type Signal = 'logs' | 'traces' | 'metrics' | 'profiles';
