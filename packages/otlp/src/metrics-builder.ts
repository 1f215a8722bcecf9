import { NewScope, RequestBuilder } from './builder.ts';
import type { MetricType, MetricView } from './metric-view.ts';
import { MetricsBatch } from './metrics-batch.ts';
import { NewMetric } from './new-metric.ts';
import type { BatchOptions } from './telemetry-batch.ts';

/** A scope of metrics in the making. */
export class NewMetricsScope extends NewScope {
  /** A new metric, to be filled until the next is added to this scope. */
  addMetric<T extends Exclude<MetricType, 'empty'>>(type: T): NewMetric<T> {
    return this.begin(new NewMetric(type));
  }

  /** A new metric with all of `like` but its data points; for points that are dealt out. Throws TypeError for one without data. */
  addMetricLike(like: MetricView): NewMetric {
    const { type } = like;
    if (type === 'empty') throw new TypeError(`cannot add data points like those of "${like.name}": it has no data`);
    return this.begin(new NewMetric(type, like));
  }

  /** Adds a copy of a metric with its points, edits included. Ends a loop over the points of that metric. */
  copyMetric(metric: MetricView): void {
    this.copy(metric);
  }
}

/** Makes a batch of metrics. */
export class MetricsBuilder extends RequestBuilder<NewMetricsScope> {
  constructor() {
    super(() => new NewMetricsScope());
  }

  build(options: BatchOptions = {}): MetricsBatch {
    return MetricsBatch.of([this.toBytes(options.allocate)], options);
  }
}
