import { randomUUID } from 'node:crypto';
import { type ConnectorHost, defineConnector } from '@millrace/api';
import { Aggregator } from './aggregator.ts';
import { check, config, DEFAULT_BUCKETS, DELTA, type SpanMetricsConfig } from './config.ts';
import { Dimensions } from './dimensions.ts';
import { ExplicitHistogram } from './explicit-histogram.ts';
import { ExponentialHistogram } from './exponential-histogram.ts';
import { MetricsWriter } from './metrics-writer.ts';
import { ResourceGroups } from './resource-groups.ts';
import { SamplingWeight } from './sampling-weight.ts';
import { SeriesPlan } from './series-plan.ts';
import type { Histogram, TableSettings } from './series-table.ts';
import { SpanMetrics } from './span-metrics.ts';

const NANO_PER_MS = 1e6;
const UNITS = { ms: NANO_PER_MS, s: 1e9 };
const EXPONENTIAL_SIZE = 160;

/** Counts spans by their dimensions, with their durations, as metrics. */
export default defineConnector({
  type: 'spanmetrics',
  aliases: ['span_metrics'],
  summary: 'Makes request, error and duration metrics from spans.',
  stability: 'beta',
  routes: [{ from: 'traces', to: 'metrics' }],
  config,
  check,
  examples: [
    {
      title: 'By route and status, in seconds',
      yaml: `spanmetrics:
  histogram: { unit: s, explicit: { buckets: [5ms, 25ms, 100ms, 500ms, 2s] } }
  dimensions:
    - name: http.route
    - { name: http.response.status_code, default: unknown }
  exemplars: { enabled: true }
  metrics_flush_interval: 15s`,
    },
    {
      title: 'Exceptions, as deltas, with bounds that adapt',
      yaml: `spanmetrics/deltas:
  aggregation_temporality: AGGREGATION_TEMPORALITY_DELTA
  histogram: { exponential: { max_size: 80 } }
  events: { enabled: true, dimensions: [{ name: exception.type }] }
  aggregation_cardinality_limit: 1000`,
    },
  ],
  stateful: { acknowledges: 'taken', create: (settings, host) => create(settings, host, Math.random) },
});

function create(settings: SpanMetricsConfig, host: ConnectorHost, random: () => number): SpanMetrics {
  const { histogram, exemplars, events, aggregation_temporality: temporality } = settings;
  const isDelta = temporality === DELTA;
  const budget = { used: 0, max: settings.series_limit };
  const limit = settings.aggregation_cardinality_limit;
  const table = (name: TableSettings['name'], makeHistogram?: () => Histogram): TableSettings => {
    return { name, limit, budget, makeHistogram };
  };
  const makeHistogram = histogram.disable ? undefined : histogramMaker(histogram);
  // Where calls and durations have the same dimensions, they share their series.
  const isShared = settings.calls_dimensions.length === 0 && histogram.dimensions.length === 0;
  const hasOwnDurations = makeHistogram !== undefined && !isShared;
  const groups = new ResourceGroups({
    max: settings.resource_metrics_cache_size,
    keyAttributes: new Set(settings.resource_metrics_key_attributes),
    tables: {
      calls: table('calls', isShared ? makeHistogram : undefined),
      durations: hasOwnDurations ? table('duration', makeHistogram) : undefined,
      events: events.enabled ? table('events') : undefined,
    },
  });
  const usual = {
    exclude: new Set(settings.exclude_dimensions),
    instanceId: randomUUID(),
    samplingMethod: settings.enable_metrics_sampling_method,
  };
  const plan = (more: SpanMetricsConfig['dimensions']) =>
    new SeriesPlan(usual, new Dimensions(settings.dimensions, more));
  const aggregator = new Aggregator({
    groups,
    calls: plan(settings.calls_dimensions),
    durations: hasOwnDurations ? plan(histogram.dimensions) : undefined,
    events: events.enabled ? plan(events.dimensions) : undefined,
    includedScopes: new Set(settings.include_instrumentation_scope),
    unitNano: UNITS[histogram.unit],
    exemplarsMax: exemplars.enabled ? exemplars.max_per_data_point : 0,
    weight: new SamplingWeight(random),
  });
  const writer = new MetricsWriter({ namespace: settings.namespace, unit: histogram.unit, isDelta });
  return new SpanMetrics(
    {
      flushIntervalMs: settings.metrics_flush_interval,
      isDelta,
      groupExpirationMs: settings.metrics_expiration,
      seriesExpirationMs: settings.series_expiration,
      timestampsMax: settings.metric_timestamp_cache_size,
    },
    { groups, aggregator, writer },
    host,
  );
}

function histogramMaker({ unit, explicit, exponential }: SpanMetricsConfig['histogram']): () => Histogram {
  if (exponential !== undefined) {
    const size = exponential.max_size || EXPONENTIAL_SIZE;
    return () => new ExponentialHistogram(size);
  }
  const buckets = explicit?.buckets ?? DEFAULT_BUCKETS;
  // Whole nanoseconds first, so that bounds are the doubles nearest to what was written.
  const bounds = Float64Array.from(buckets, (ms) => Math.round(ms * NANO_PER_MS) / UNITS[unit]);
  return () => new ExplicitHistogram(bounds);
}
