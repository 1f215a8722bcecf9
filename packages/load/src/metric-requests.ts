import { MetricsBuilder, type NewMetricsScope } from '@millrace/otlp';
import { setLoadId, type RequestSettings } from './request-settings.ts';
import { NOUNS, ROUTES, SERVICES, VERBS, Words } from './words.ts';

const POINTS_PER_METRIC = 20;
const CUMULATIVE = 2;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const WINDOW_NANOS = 60_000_000_000n;

/** An export request of data points, twenty to a metric: sums, gauges and histograms in turn; fat ones are all histograms. */
export function metricRequest(settings: RequestSettings): Uint8Array {
  const words = new Words(settings.seed, settings.shape);
  const { dice } = words;
  const builder = new MetricsBuilder();
  const resource = builder.addResource();
  resource.attributes.set('service.name', dice.of(SERVICES));
  resource.attributes.set('host.name', `node-${dice.below(40)}`);
  const scope = resource.addScope();
  scope.name = 'shop';
  for (let first = 0, metric = 0; first < settings.items; first += POINTS_PER_METRIC, metric++) {
    const points = Math.min(POINTS_PER_METRIC, settings.items - first);
    if (settings.shape.name === 'fat' || metric % 3 === 2) addHistogram(scope, { points, words, settings });
    else addNumbers(scope, metric % 3 === 0 ? 'sum' : 'gauge', { points, words, settings });
  }
  return builder.build().toBytes();
}

interface MetricSettings {
  readonly points: number;
  readonly words: Words;
  readonly settings: RequestSettings;
}

function addNumbers(scope: NewMetricsScope, type: 'sum' | 'gauge', { points, words, settings }: MetricSettings): void {
  const { dice } = words;
  const metric = scope.addMetric(type);
  metric.name = `shop.${dice.of(NOUNS)}.${dice.of(VERBS)}`;
  metric.unit = '1';
  if (type === 'sum') {
    metric.aggregationTemporality = CUMULATIVE;
    metric.isMonotonic = true;
  }
  for (let index = 0; index < points; index++) {
    const point = metric.addDataPoint();
    point.startTimeUnixNano = settings.startUnixNano - WINDOW_NANOS;
    point.timeUnixNano = settings.startUnixNano;
    if (type === 'sum') point.asInt = dice.below(10_000_000);
    else point.asDouble = dice.below(1_000_000) / 997;
    words.setAttributes(point.attributes, dice.of(ROUTES));
    setLoadId(point.attributes, settings);
  }
}

function addHistogram(scope: NewMetricsScope, { points, words, settings }: MetricSettings): void {
  const { dice } = words;
  const metric = scope.addMetric('histogram');
  metric.name = `shop.${dice.of(NOUNS)}.duration`;
  metric.unit = 's';
  metric.aggregationTemporality = CUMULATIVE;
  for (let index = 0; index < points; index++) {
    const point = metric.addDataPoint();
    const counts = Array.from({ length: BOUNDS.length + 1 }, () => dice.below(500));
    const count = counts.reduce((sum, each) => sum + each, 0);
    point.startTimeUnixNano = settings.startUnixNano - WINDOW_NANOS;
    point.timeUnixNano = settings.startUnixNano;
    point.count = count;
    point.sum = (count * dice.below(1_000)) / 997;
    point.bucketCounts = counts;
    point.explicitBounds = BOUNDS;
    words.setAttributes(point.attributes, dice.of(ROUTES));
    setLoadId(point.attributes, settings);
  }
}
