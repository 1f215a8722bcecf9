import type {
  LogsBatch,
  LogsScopeView,
  MetricsBatch,
  MetricsScopeView,
  MetricView,
  ProfilesBatch,
  ProfilesScopeView,
  SpansScopeView,
  SpanView,
  TracesBatch,
} from '@millrace/otlp';
import type { Condition } from '@millrace/ottl';
import { holds, type Pass } from './compile-conditions.ts';

// Scopes and resources without items disappear, even ones that came so, as with include and exclude.

/** Drops the resources, scopes and log records for which a condition holds. */
export function applyToLogs(batch: LogsBatch, pass: Pass<'logs'>): void {
  apply(batch.resources, pass, (scope: LogsScopeView) => itemsLeft(scope.records, pass.log));
}

/** Drops the resources, scopes and profiles for which a condition holds. */
export function applyToProfiles(batch: ProfilesBatch, pass: Pass<'profiles'>): void {
  apply(batch.resources, pass, (scope: ProfilesScopeView) => itemsLeft(scope.profiles, pass.profile));
}

/** Drops the resources, scopes, spans and span events for which a condition holds. A span without events stays. */
export function applyToSpans(batch: TracesBatch, pass: Pass<'traces'>): void {
  apply(batch.resources, pass, (scope: SpansScopeView) => spansLeft(scope, pass));
}

/** Drops the resources, scopes, metrics and data points for which a condition holds, and metrics that lose all their points. */
export function applyToMetrics(batch: MetricsBatch, pass: Pass<'metrics'>): void {
  apply(batch.resources, pass, (scope: MetricsScopeView) => metricsLeft(scope, pass));
}

interface Droppable {
  drop(): void;
}

interface Resource<S extends Droppable> extends Droppable {
  readonly scopes: Iterable<S>;
}

/** `left` drops items of a scope, and says how many are left. */
function apply<S extends Droppable>(
  resources: Iterable<Resource<S>>,
  pass: Readonly<Record<'resource' | 'scope', readonly Condition[]>>,
  left: (scope: S) => number,
): void {
  for (const resource of resources) {
    let scopesKept = 0;
    if (!holds(pass.resource, resource)) {
      for (const scope of resource.scopes) {
        const kept = holds(pass.scope, scope) ? 0 : left(scope);
        if (kept > 0) scopesKept++;
        else scope.drop();
      }
    }
    if (scopesKept === 0) resource.drop();
  }
}

function itemsLeft(items: Iterable<Droppable>, conditions: readonly Condition[]): number {
  let kept = 0;
  for (const item of items) {
    if (holds(conditions, item)) item.drop();
    else kept++;
  }
  return kept;
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
