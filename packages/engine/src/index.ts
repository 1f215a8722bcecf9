export { Collector, type CollectorOptions, type CollectorSnapshot, type ShutdownReport } from './collector.ts';
export { type Guarantee } from './guarantee.ts';
export { createLogger, type LogLevel, type LogSettings, withFields } from './log-writer.ts';
export type { Machine } from './machine.ts';
export { buildGraph, type PipelineGraph } from './pipeline-graph.ts';
export type { ConfigSource, ReloadOutcome, ReloadReport } from './reload/reloader.ts';
export { systemClock } from './system-clock.ts';
export type { PipelineOverview } from './pipeline-overview.ts';
export type { ComponentCost } from './telemetry/component-costs.ts';
