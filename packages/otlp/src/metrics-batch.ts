import { Container } from './container.ts';
import { currentItemRequest } from './envelope.ts';
import { ExponentialHistogramDataPointView } from './exponential-histogram-data-point-view.ts';
import { HistogramDataPointView } from './histogram-data-point-view.ts';
import * as shapes from './message-shape.ts';
import { NewMetric } from './new-metric.ts';
import { METRIC_DATA_FIELDS, type MetricType, MetricView } from './metric-view.ts';
import { NumberDataPointView } from './number-data-point-view.ts';
import { ResourceView } from './resource-view.ts';
import { ScopeView } from './scope-view.ts';
import { SummaryDataPointView } from './summary-data-point-view.ts';
import { TelemetryBatch, type BatchOptions } from './telemetry-batch.ts';
import { ViewIterator } from './view-iterator.ts';
import { WireMessage } from './wire-message.ts';

export type MetricsResourceView = ResourceView<MetricsScopeView>;
/** `type` tells the kinds apart. */
export type DataPointView =
  NumberDataPointView | HistogramDataPointView | ExponentialHistogramDataPointView | SummaryDataPointView;

/** A scope of a batch of metrics. */
export class MetricsScopeView extends ScopeView<MetricsResourceView> {
  get metrics(): IterableIterator<MetricView> {
    this.container.restart();
    return new ViewIterator<MetricView>(this.container, null);
  }

  /** A new metric behind the others. Fill it before the next is added and before the loop goes on to another scope. */
  addMetric<T extends Exclude<MetricType, 'empty'>>(type: T): NewMetric<T> {
    const metric = new NewMetric(type);
    this.container.add(metric, 2);
    return metric;
  }

  /** @internal */
  cloneMetric(): MetricView {
    const [metric] = MetricsBatch.of([currentItemRequest(this.container)]).metrics;
    return metric;
  }

  /** @internal */
  clonePoint(data: Container): DataPointView {
    const [point] = MetricsBatch.of([currentItemRequest(data)]).dataPoints;
    return point;
  }
}

/** Metrics on the wire. */
export class MetricsBatch extends TelemetryBatch {
  readonly signal = 'metrics';
  private tree: MetricsTree | null = null;

  static of(chunks: Iterable<Uint8Array>, options: BatchOptions = {}): MetricsBatch {
    return new MetricsBatch(chunks, options);
  }

  get resources(): IterableIterator<MetricsResourceView> {
    return this.iterate(this.ensureTree().root);
  }

  /** All metrics of all resources and scopes; `metric.resource` and `metric.scope` say where each is. */
  get metrics(): IterableIterator<MetricView> {
    return this.iterate(this.ensureTree().scopes);
  }

  /** All data points of all metrics; `point.metric`, `point.scope` and `point.resource` say where each is. */
  get dataPoints(): IterableIterator<DataPointView> {
    return this.iterate(this.ensureTree().data);
  }

  protected override withChunks(chunks: Iterable<Uint8Array>): this {
    return new MetricsBatch(chunks, { allocate: this.allocate }) as this;
  }

  private ensureTree(): MetricsTree {
    if (this.tree !== null) return this.tree;
    const splicer = this.makeSplicer();
    const root = new Container(null, shapes.REQUEST, [1], splicer);
    const resource = new ResourceView<MetricsScopeView>(new Container(root, shapes.RESOURCE_ITEMS, [2], splicer));
    const scopes = new Container(resource.container, shapes.SCOPE_ITEMS, [2], splicer);
    const scope = new MetricsScopeView(scopes, resource);
    const metrics = new Container(scopes, shapes.METRIC, Object.values(METRIC_DATA_FIELDS), splicer);
    const data = new Container(metrics, shapes.METRIC_DATA, [1], splicer);
    const metric = new MetricView(metrics, data, scope);
    const number = new NumberDataPointView(new WireMessage(shapes.NUMBER_DATA_POINT), metric).message;
    const leaves: WireMessage[] = [];
    leaves[METRIC_DATA_FIELDS.gauge] = number;
    leaves[METRIC_DATA_FIELDS.sum] = number;
    leaves[METRIC_DATA_FIELDS.histogram] = new HistogramDataPointView(
      new WireMessage(shapes.HISTOGRAM_DATA_POINT),
      metric,
    ).message;
    leaves[METRIC_DATA_FIELDS.exponentialHistogram] = new ExponentialHistogramDataPointView(
      new WireMessage(shapes.EXPONENTIAL_HISTOGRAM_DATA_POINT),
      metric,
    ).message;
    leaves[METRIC_DATA_FIELDS.summary] = new SummaryDataPointView(
      new WireMessage(shapes.SUMMARY_DATA_POINT),
      metric,
    ).message;
    data.leaves = leaves;
    data.leaf = number;
    this.useRoot(root);
    this.tree = { root, scopes, data };
    return this.tree;
  }
}

interface MetricsTree {
  readonly root: Container;
  readonly scopes: Container;
  readonly data: Container;
}
