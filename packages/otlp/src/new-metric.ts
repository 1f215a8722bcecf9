import type { ByteWriter } from './byte-writer.ts';
import * as shapes from './message-shape.ts';
import { METRIC_DATA_FIELDS, MetricFields, type MetricType, type MetricView } from './metric-view.ts';
import type { DataPointView } from './metrics-batch.ts';
import { newDataPoint, type DataPointTypes } from './new-data-point.ts';
import { NewChildren, type Writable } from './new-children.ts';
import * as scalar from './scalar-fields.ts';
import { WireMessage } from './wire-message.ts';

const DATA_POINTS = 1;

/** A metric in the making. */
export class NewMetric<T extends Exclude<MetricType, 'empty'> = Exclude<MetricType, 'empty'>>
  extends MetricFields
  implements Writable
{
  readonly type: T;
  private readonly data = new WireMessage(shapes.METRIC_DATA);
  private readonly points = new NewChildren();

  constructor(type: T, like: MetricView | null = null) {
    super(new WireMessage(shapes.METRIC));
    this.type = type;
    if (like === null) return;
    const [own, data] = like.headers();
    this.own.bind(own, 0, own.length);
    this.data.bind(data, 0, data.length);
  }

  /** 0 unspecified, 1 delta, 2 cumulative. For sums and histograms. */
  get aggregationTemporality(): number {
    return scalar.getInt32(this.data, 2);
  }
  set aggregationTemporality(value: number) {
    scalar.setInt32(this.data, 2, value);
  }

  /** For sums. */
  get isMonotonic(): boolean {
    return scalar.getBool(this.data, 3);
  }
  set isMonotonic(value: boolean) {
    scalar.setBool(this.data, 3, value);
  }

  /** A new data point, to be filled until the next is added. */
  addDataPoint(): DataPointTypes[T] {
    const point = newDataPoint(this.type, null);
    this.points.begin(point, DATA_POINTS);
    return point as DataPointTypes[T];
  }

  /** Adds a copy of a data point of the same type, edits included. */
  copyDataPoint(point: DataPointView): void {
    const expected = this.type === 'gauge' || this.type === 'sum' ? 'number' : this.type;
    if (point.type !== expected) throw new TypeError(`cannot add a ${point.type} data point to a ${this.type} metric`);
    this.points.add(point, DATA_POINTS);
  }

  writeBody(out: ByteWriter): void {
    this.own.writeBody(out);
    const mark = out.openField(METRIC_DATA_FIELDS[this.type]);
    this.data.writeBody(out);
    this.points.writeTo(out);
    out.close(mark);
  }
}
