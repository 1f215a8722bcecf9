import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { type MetricExporterOptions, MillraceMetricExporter } from './metric-exporter.ts';

export interface MetricReaderOptions extends MetricExporterOptions {
  /** Time from one collection to the next, in milliseconds. Default: 60,000. */
  readonly exportIntervalMillis?: number;
}

/** Collects the metrics again and again and hands them to a collector in this process; `forceFlush` does so at once. */
export class MillraceMetricReader extends PeriodicExportingMetricReader {
  constructor({ exportIntervalMillis = 60_000, exportTimeoutMillis, ...options }: MetricReaderOptions) {
    const limitMs = exportTimeoutMillis ?? Math.min(30_000, exportIntervalMillis);
    super({
      exporter: new MillraceMetricExporter({ ...options, exportTimeoutMillis: limitMs }),
      exportIntervalMillis,
      exportTimeoutMillis: limitMs,
    });
  }
}
