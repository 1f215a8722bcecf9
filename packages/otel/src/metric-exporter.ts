import {
  AggregationTemporality,
  InstrumentType,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { Exporter } from './exporter.ts';
import type { Intake } from './intake.ts';
import { encodeMetrics } from './signal-encoder.ts';

/**
 * Whether sums and histograms tell of everything since the start or since the last time, as in OTLP's
 * `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`: `delta` leaves what goes up and down cumulative, `lowmemory` also
 * what is observed.
 */
export type TemporalityPreference = 'cumulative' | 'delta' | 'lowmemory';

export interface MetricExporterOptions {
  /** `collector.receiver('app')` */
  readonly receiver: Pick<Intake, 'metrics'>;
  /** Default: cumulative. */
  readonly temporality?: TemporalityPreference;
  /** How long the collector may take, refusals for the moment included, in milliseconds. Default: 30,000. */
  readonly exportTimeoutMillis?: number;
}

/** Hands metrics to a collector in this process, for a reader of the SDK's; {@link MillraceMetricReader} needs none. */
export class MillraceMetricExporter extends Exporter<ResourceMetrics> implements PushMetricExporter {
  readonly #temporality: TemporalityPreference;

  constructor({ receiver, temporality = 'cumulative', exportTimeoutMillis = 30_000 }: MetricExporterOptions) {
    super({
      who: 'MillraceMetricExporter',
      items: 'data points',
      exportTimeoutMillis,
      count: countPoints,
      encode: encodeMetrics,
      send: (request) => receiver.metrics(request),
    });
    this.#temporality = temporality;
  }

  selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
    const { CUMULATIVE, DELTA } = AggregationTemporality;
    if (this.#temporality === 'cumulative') return CUMULATIVE;
    switch (type) {
      case InstrumentType.UP_DOWN_COUNTER:
      case InstrumentType.OBSERVABLE_UP_DOWN_COUNTER:
        return CUMULATIVE;
      case InstrumentType.OBSERVABLE_COUNTER:
        return this.#temporality === 'delta' ? DELTA : CUMULATIVE;
      default:
        return DELTA;
    }
  }
}

function countPoints({ scopeMetrics }: ResourceMetrics): number {
  let points = 0;
  for (const { metrics } of scopeMetrics) for (const { dataPoints } of metrics) points += dataPoints.length;
  return points;
}
