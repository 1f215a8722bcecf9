import { AttributesView } from './attributes-view.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Container } from './container.ts';
import { type MetricData, writeMetricData } from './metric-data.ts';
import type { DataPointView, MetricsScopeView } from './metrics-batch.ts';
import { newDataPoint } from './new-data-point.ts';
import type { ResourceView } from './resource-view.ts';
import * as scalar from './scalar-fields.ts';
import { ViewIterator } from './view-iterator.ts';
import type { WireMessage } from './wire-message.ts';

export type MetricType = 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary' | 'empty';

/** The field of the data oneof, by type. */
export const METRIC_DATA_FIELDS = { gauge: 5, sum: 7, histogram: 9, exponentialHistogram: 10, summary: 11 } as const;
const TYPES = Object.entries(METRIC_DATA_FIELDS) as [Exclude<MetricType, 'empty'>, number][];

/** The fields of a metric that lie beside its data, whether in a batch or in the making. */
export class MetricFields {
  readonly metadata: AttributesView;
  protected readonly own: WireMessage;

  constructor(own: WireMessage) {
    this.own = own;
    this.metadata = new AttributesView(own.lists[0]);
  }

  get name(): string {
    return scalar.getString(this.own, 1);
  }
  set name(value: string) {
    scalar.setString(this.own, 1, value);
  }

  get description(): string {
    return scalar.getString(this.own, 2);
  }
  set description(value: string) {
    scalar.setString(this.own, 2, value);
  }

  get unit(): string {
    return scalar.getString(this.own, 3);
  }
  set unit(value: string) {
    scalar.setString(this.own, 3, value);
  }
}

/** A metric of a scope. A cursor: it shows another metric when the loop goes on; `clone()` keeps one. */
export class MetricView extends MetricFields {
  readonly scope: MetricsScopeView;
  /** @internal The metric, and its gauge, sum, ... with the data points in it. */
  readonly container: Container;
  private readonly data: Container;

  constructor(container: Container, data: Container, scope: MetricsScopeView) {
    super(container.own);
    this.container = container;
    this.data = data;
    this.scope = scope;
    container.view = this;
  }

  get resource(): ResourceView<MetricsScopeView> {
    return this.scope.resource;
  }

  get type(): MetricType {
    let last = 0;
    let type: MetricType = 'empty';
    for (const [name, field] of TYPES) {
      const at = this.own.payload(field);
      if (at <= last) continue;
      last = at;
      type = name;
    }
    return type;
  }

  /** 0 unspecified, 1 delta, 2 cumulative. Only sums and histograms have one; elsewhere it reads 0 and must not be set. */
  get aggregationTemporality(): number {
    return this.openData() ? scalar.getInt32(this.data.own, 2) : 0;
  }
  set aggregationTemporality(value: number) {
    const { type } = this;
    if (type !== 'sum' && type !== 'histogram' && type !== 'exponentialHistogram')
      throw new TypeError(`cannot set the aggregation temporality of a ${type} metric: it has none`);
    this.openData();
    scalar.setInt32(this.data.own, 2, value);
  }

  /** Only sums can be; elsewhere it reads false and must not be set. */
  get isMonotonic(): boolean {
    return this.openData() && this.data.field === METRIC_DATA_FIELDS.sum && scalar.getBool(this.data.own, 3);
  }
  set isMonotonic(value: boolean) {
    if (this.type !== 'sum') throw new TypeError(`cannot make a ${this.type} metric monotonic: only a sum can be`);
    this.openData();
    scalar.setBool(this.data.own, 3, value);
  }

  /** The points differ by the metric's type; `point.type` tells them apart. */
  get dataPoints(): IterableIterator<DataPointView> {
    if (!this.openData()) return [][Symbol.iterator]();
    this.data.restart();
    return new ViewIterator<DataPointView>(this.data, null);
  }

  /**
   * A new data point behind the others, of this metric's kind. Fill it before the next is added and before the loop goes on to
   * another metric. Throws TypeError for a metric without data.
   */
  addDataPoint(): DataPointView {
    const { type } = this;
    if (type === 'empty')
      throw new TypeError(`cannot add a data point to "${this.name}": the metric has no data, so no type`);
    this.openData();
    const point = newDataPoint(type, this);
    this.data.add(point, 1);
    return point;
  }

  /** Opens the gauge, sum, ... unless a loop over its points has it open already. */
  private openData(): boolean {
    if (this.data.isOpen) return true;
    this.container.restart();
    return this.container.advance();
  }

  /**
   * Puts data of the same or another type in place of the metric's: it stays where it is, and shows the new data at once. Ends
   * loops over its points.
   */
  replaceData(data: MetricData): void {
    const { container } = this;
    container.restart();
    for (const field of Object.values(METRIC_DATA_FIELDS)) if (container.own.has(field)) container.own.clear(field);
    container.add({ writeBody: (out) => writeMetricData(out, data) }, METRIC_DATA_FIELDS[data.type]);
    // Only now the container takes both over into what it reads from.
    container.restart();
  }

  /** Leaves out the metric with all its data points. */
  drop(): void {
    this.container.drop();
  }

  /** This metric, with its points, scope and resource, in a batch of its own. Ends a loop over the points of this metric. */
  clone(): MetricView {
    this.container.restart();
    return this.scope.cloneMetric();
  }

  /** @internal */
  clonePoint(): DataPointView {
    return this.scope.clonePoint(this.data);
  }

  /** @internal The fields of the metric beside its data, and those of the data beside its points. */
  headers(): readonly [own: Uint8Array, data: Uint8Array] {
    const data = this.openData() ? this.data.headerBytes() : new Uint8Array(0);
    return [this.container.headerBytes(), data];
  }

  /** @internal */
  writeBody(out: ByteWriter): void {
    this.container.restart();
    this.container.writeBody(out);
  }

  /** The metric's protobuf message, edits applied. Ends a loop over its points. */
  toBytes(): Uint8Array {
    const out = new ByteWriter();
    this.writeBody(out);
    return out.take();
  }
}
