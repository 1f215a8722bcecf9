import {
  type Key,
  type MetricsBatch,
  MetricsBuilder,
  type MetricView,
  type NewMetric,
  type NewMetricsScope,
  type NewResource,
} from '@millrace/otlp';
import { Regrouping, type Regrouped } from './regrouping.ts';
import { addResources, countResources } from './replace-resources.ts';
import { metricIdentityOf, type Survey } from './survey.ts';

/** Moves data points to the resources that their attributes name. Undefined when all are where they belong. */
export function groupMetrics(batch: MetricsBatch, keys: readonly Key[], survey: Survey): Regrouped | undefined {
  if (isGrouped(batch, survey)) return undefined;
  const regrouping = new Regrouping(new MetricsBuilder(), keys);
  const open = new Map<NewMetricsScope, OpenMetrics>();
  let left = countResources(batch.resources);
  for (const resource of batch.resources) {
    regrouping.enterResource(resource);
    for (const scope of resource.scopes) {
      regrouping.enterScope(scope);
      for (const metric of scope.metrics) {
        const identity = metricIdentityOf(metric);
        for (const point of metric.dataPoints) {
          const target = regrouping.scopeFor(point.attributes);
          let metrics = open.get(target);
          if (metrics === undefined) open.set(target, (metrics = new OpenMetrics()));
          metrics.metricFor(identity, metric).copyDataPoint(point);
          point.drop();
        }
      }
    }
    if (--left === 0) {
      for (const [scope, metrics] of open) metrics.moveTo(scope);
      addResources(resource, regrouping.resources);
    }
    resource.drop();
  }
  return regrouping;
}

/** The metrics of one scope in the making. Each lies in a scope of its own, as only the last one of a scope takes more points. */
class OpenMetrics {
  readonly #builder = new MetricsBuilder();
  readonly #resource: NewResource<NewMetricsScope> = this.#builder.addResource();
  readonly #metrics = new Map<string, NewMetric>();

  metricFor(identity: string, like: MetricView): NewMetric {
    const known = this.#metrics.get(identity);
    if (known !== undefined) return known;
    const made = this.#resource.addScope().addMetricLike(like);
    this.#metrics.set(identity, made);
    return made;
  }

  moveTo(scope: NewMetricsScope): void {
    for (const metric of this.#builder.build().metrics) scope.copyMetric(metric);
  }
}

function isGrouped(batch: MetricsBatch, survey: Survey): boolean {
  survey.begin();
  for (const resource of batch.resources) {
    if (!survey.isNewResource(resource)) return false;
    for (const scope of resource.scopes) {
      if (!survey.isNewScope(scope)) return false;
      for (const metric of scope.metrics) {
        if (!survey.isNewMetric(metric)) return false;
        for (const point of metric.dataPoints) if (!survey.hasNoKey(point.attributes)) return false;
      }
    }
  }
  return true;
}
