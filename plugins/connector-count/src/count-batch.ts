import type { ConnectorOutput } from '@millrace/api';
import {
  type LogsBatch,
  MetricsBuilder,
  type MetricsBatch,
  type MetricView,
  type ProfilesBatch,
  type ResourceView,
  type SpanView,
  type TracesBatch,
} from '@millrace/otlp';
import type { Counted, Counter } from './counter.ts';

/** The Collector's name of the scope, by which people may already look for these metrics. */
const SCOPE_NAME = 'github.com/open-telemetry/opentelemetry-collector-contrib/connector/countconnector';

type Resource = ResourceView<unknown>;

/** Makes the metrics of one batch: for each resource in which something was counted, one with its attributes. */
class Report {
  readonly #builder = new MetricsBuilder();
  readonly #now: () => bigint;
  #isEmpty = true;

  constructor(now: () => bigint) {
    this.#now = now;
  }

  add(resource: Resource, counters: readonly Counter[]): void {
    if (counters.every((counter) => counter.isEmpty)) return;
    this.#isEmpty = false;
    const scope = this.#builder.addResource(resource).addScope();
    scope.name = SCOPE_NAME;
    for (const counter of counters) counter.writeTo(scope, this.#now);
  }

  emit(out: ConnectorOutput): void {
    if (!this.#isEmpty) out.emit(this.#builder.build());
  }
}

export interface CountOptions {
  readonly out: ConnectorOutput;
  /** Nanoseconds since 1970. */
  readonly now: () => bigint;
}

/** Reused for all items of a batch. */
function countedIn(resource: Resource): Counted {
  const empty = { attributes: resource.attributes };
  return { view: null, parent: null, index: 0, attributed: empty, scope: empty, resource };
}

export function countLogs(batch: LogsBatch, logs: Counter, { out, now }: CountOptions): void {
  const report = new Report(now);
  for (const resource of batch.resources) {
    logs.begin();
    const item = countedIn(resource);
    for (const scope of resource.scopes) {
      item.scope = scope;
      for (const record of scope.records) {
        logs.sawTime(record.timeUnixNano);
        item.view = item.attributed = record;
        logs.count(item);
      }
    }
    report.add(resource, [logs]);
  }
  report.emit(out);
}

export function countTraces(
  batch: TracesBatch,
  { spans, events }: { readonly spans: Counter; readonly events: Counter },
  { out, now }: CountOptions,
): void {
  const report = new Report(now);
  for (const resource of batch.resources) {
    spans.begin();
    events.begin();
    const item = countedIn(resource);
    for (const scope of resource.scopes) {
      item.scope = scope;
      for (const span of scope.spans) {
        spans.sawTime(span.startTimeUnixNano);
        spans.sawTime(span.endTimeUnixNano);
        item.view = item.attributed = span;
        item.parent = null;
        spans.count(item);
        if (span.eventCount > 0) countEvents(span, events, item);
      }
    }
    report.add(resource, [spans, events]);
  }
  report.emit(out);
}

function countEvents(span: SpanView, events: Counter, item: Counted): void {
  item.parent = span;
  item.index = 0;
  for (const event of span.events) {
    events.sawTime(event.timeUnixNano);
    item.view = item.attributed = event;
    events.count(item);
    item.index++;
  }
}

/** The time of a metric is that of its data points; the Collector takes the clock's. */
export function countMetrics(
  batch: MetricsBatch,
  { metrics, points }: { readonly metrics: Counter; readonly points: Counter },
  { out, now }: CountOptions,
): void {
  const report = new Report(now);
  for (const resource of batch.resources) {
    metrics.begin();
    points.begin();
    const item = countedIn(resource);
    for (const scope of resource.scopes) {
      item.scope = scope;
      for (const metric of scope.metrics) {
        item.view = metric;
        // Metrics are not counted by attributes.
        metrics.count(item);
        countPoints(metric, { metrics, points }, item);
      }
    }
    report.add(resource, [metrics, points]);
  }
  report.emit(out);
}

function countPoints(
  metric: MetricView,
  { metrics, points }: { readonly metrics: Counter; readonly points: Counter },
  item: Counted,
): void {
  for (const point of metric.dataPoints) {
    const { timeUnixNano } = point;
    metrics.sawTime(timeUnixNano);
    points.sawTime(timeUnixNano);
    item.view = item.attributed = point;
    points.count(item);
  }
}

export function countProfiles(batch: ProfilesBatch, profiles: Counter, { out, now }: CountOptions): void {
  const report = new Report(now);
  for (const resource of batch.resources) {
    profiles.begin();
    const item = countedIn(resource);
    for (const scope of resource.scopes) {
      item.scope = scope;
      for (const profile of scope.profiles) {
        profiles.sawTime(profile.timeUnixNano);
        item.view = item.attributed = profile;
        profiles.count(item);
      }
    }
    report.add(resource, [profiles]);
  }
  report.emit(out);
}
