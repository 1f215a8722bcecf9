import type {
  LogsBatch,
  MetricsBatch,
  MetricsScopeView,
  MetricView,
  ProfilesBatch,
  SpansScopeView,
  SpanView,
  TracesBatch,
} from '@millrace/otlp';
import { holds, type Pass } from './compile-conditions.ts';

// Scopes and resources without items disappear, even ones that came so, as with include and exclude.

/** Drops the resources, scopes and log records for which a condition holds. */
export function applyToLogs(
  batch: LogsBatch,
  { resource: resources, scope: scopes, log: records }: Pass<'logs'>,
): void {
  for (const resource of batch.resources) {
    let scopesKept = 0;
    if (!holds(resources, resource)) {
      for (const scope of resource.scopes) {
        let kept = 0;
        if (!holds(scopes, scope)) {
          for (const record of scope.records) {
            if (holds(records, record)) record.drop();
            else kept++;
          }
        }
        if (kept > 0) scopesKept++;
        else scope.drop();
      }
    }
    if (scopesKept === 0) resource.drop();
  }
}

/** Drops the resources, scopes and profiles for which a condition holds. */
export function applyToProfiles(
  batch: ProfilesBatch,
  { resource: resources, scope: scopes, profile: profiles }: Pass<'profiles'>,
): void {
  for (const resource of batch.resources) {
    let scopesKept = 0;
    if (!holds(resources, resource)) {
      for (const scope of resource.scopes) {
        let kept = 0;
        if (!holds(scopes, scope)) {
          for (const profile of scope.profiles) {
            if (holds(profiles, profile)) profile.drop();
            else kept++;
          }
        }
        if (kept > 0) scopesKept++;
        else scope.drop();
      }
    }
    if (scopesKept === 0) resource.drop();
  }
}

/** Drops the resources, scopes, spans and span events for which a condition holds. A span without events stays. */
export function applyToSpans(batch: TracesBatch, pass: Pass<'traces'>): void {
  for (const resource of batch.resources) {
    let scopesKept = 0;
    if (!holds(pass.resource, resource)) {
      for (const scope of resource.scopes) {
        const kept = holds(pass.scope, scope) ? 0 : spansLeft(scope, pass);
        if (kept > 0) scopesKept++;
        else scope.drop();
      }
    }
    if (scopesKept === 0) resource.drop();
  }
}

/** Drops spans and span events of a scope; how many spans are left. */
function spansLeft(scope: SpansScopeView, pass: Pass<'traces'>): number {
  let kept = 0;
  for (const span of scope.spans) {
    if (holds(pass.span, span)) {
      span.drop();
      continue;
    }
    kept++;
    if (pass.spanevent.length > 0) dropEvents(span, pass);
  }
  return kept;
}

function dropEvents(span: SpanView, { spanevent: events }: Pass<'traces'>): void {
  let index = 0;
  for (const event of span.events) if (holds(events, event, span, index++)) event.drop();
}

/** Drops the resources, scopes, metrics and data points for which a condition holds, and metrics that lose all their points. */
export function applyToMetrics(batch: MetricsBatch, pass: Pass<'metrics'>): void {
  for (const resource of batch.resources) {
    let scopesKept = 0;
    if (!holds(pass.resource, resource)) {
      for (const scope of resource.scopes) {
        const kept = holds(pass.scope, scope) ? 0 : metricsLeft(scope, pass);
        if (kept > 0) scopesKept++;
        else scope.drop();
      }
    }
    if (scopesKept === 0) resource.drop();
  }
}

/** Drops metrics and data points of a scope; how many metrics are left. */
function metricsLeft(scope: MetricsScopeView, pass: Pass<'metrics'>): number {
  let kept = 0;
  for (const metric of scope.metrics) {
    if (holds(pass.metric, metric) || losesAllPoints(metric, pass)) metric.drop();
    else kept++;
  }
  return kept;
}

/** Drops data points. A metric of no type has none to lose. */
function losesAllPoints(metric: MetricView, { datapoint: points }: Pass<'metrics'>): boolean {
  if (points.length === 0 || metric.type === 'empty') return false;
  let kept = 0;
  for (const point of metric.dataPoints) {
    if (holds(points, point)) point.drop();
    else kept++;
  }
  return kept === 0;
}
