import { DataPointWithExemplars } from './data-point-view.ts';
import type { MetricView } from './metric-view.ts';
import { readUint64s, writeUint64s } from './repeated-scalars.ts';
import * as scalar from './scalar-fields.ts';
import type { WireMessage } from './wire-message.ts';

const POSITIVE = 8;
const NEGATIVE = 9;

/** A data point of an exponential histogram. */
export class ExponentialHistogramDataPointView extends DataPointWithExemplars {
  readonly type = 'exponentialHistogram';
  protected override readonly flagsField = 10;
  readonly positive: BucketsView;
  readonly negative: BucketsView;

  constructor(message: WireMessage, metric: MetricView | null) {
    super(message, metric);
    this.positive = new BucketsView(message.sub(POSITIVE));
    this.negative = new BucketsView(message.sub(NEGATIVE));
  }

  /** This data point, with its metric, scope and resource, in a batch of its own: it stays when the loop goes on. */
  clone(): ExponentialHistogramDataPointView {
    return this.metric.clonePoint() as ExponentialHistogramDataPointView;
  }

  /** A number where that is exact, else a bigint. */
  get count(): number | bigint {
    return scalar.getCount(this.message, 4);
  }
  set count(value: number | bigint) {
    scalar.setFixed64(this.message, 4, value);
  }

  /** Undefined when absent; zero is written. */
  get sum(): number | undefined {
    return scalar.getDouble(this.message, 5);
  }
  set sum(value: number | undefined) {
    scalar.setDouble(this.message, 5, value);
  }

  get scale(): number {
    return scalar.getSint32(this.message, 6);
  }
  set scale(value: number) {
    scalar.setSint32(this.message, 6, value);
  }

  /** A number where that is exact, else a bigint. */
  get zeroCount(): number | bigint {
    return scalar.getCount(this.message, 7);
  }
  set zeroCount(value: number | bigint) {
    scalar.setFixed64(this.message, 7, value);
  }

  /** Undefined when absent; zero is written. */
  get min(): number | undefined {
    return scalar.getDouble(this.message, 12);
  }
  set min(value: number | undefined) {
    scalar.setDouble(this.message, 12, value);
  }

  /** Undefined when absent; zero is written. */
  get max(): number | undefined {
    return scalar.getDouble(this.message, 13);
  }
  set max(value: number | undefined) {
    scalar.setDouble(this.message, 13, value);
  }

  get zeroThreshold(): number {
    return scalar.getDouble(this.message, 14) ?? 0;
  }
  set zeroThreshold(value: number) {
    scalar.setDouble(this.message, 14, Object.is(value, 0) ? undefined : value);
  }
}

/** The positive or negative buckets of an exponential histogram. */
export class BucketsView {
  private readonly message: WireMessage;

  constructor(message: WireMessage) {
    this.message = message;
  }

  get offset(): number {
    return scalar.getSint32(this.message, 1);
  }
  set offset(value: number) {
    scalar.setSint32(this.message, 1, value);
  }

  get bucketCounts(): bigint[] {
    return readUint64s(this.message, 2);
  }
  set bucketCounts(value: readonly (bigint | number)[]) {
    writeUint64s(this.message, 2, value);
  }
}
