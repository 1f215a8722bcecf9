export type { BatchOptions } from './batch-queue.ts';
export type { Intake } from './intake.ts';
export { type LogRecordExporterOptions, MillraceLogRecordExporter } from './log-record-exporter.ts';
export { type LogRecordProcessorOptions, MillraceLogRecordProcessor } from './log-record-processor.ts';
export { type MetricExporterOptions, MillraceMetricExporter, type TemporalityPreference } from './metric-exporter.ts';
export { type MetricReaderOptions, MillraceMetricReader } from './metric-reader.ts';
export { MillraceSpanExporter, type SpanExporterOptions } from './span-exporter.ts';
export { MillraceSpanProcessor, type SpanProcessorOptions } from './span-processor.ts';
