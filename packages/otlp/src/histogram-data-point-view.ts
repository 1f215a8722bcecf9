import { DataPointWithExemplars } from './data-point-view.ts';
import { readDoubles, readFixed64s, writeDoubles, writeFixed64s } from './repeated-scalars.ts';
import * as scalar from './scalar-fields.ts';

/** A data point of a histogram with explicit bounds. */
export class HistogramDataPointView extends DataPointWithExemplars {
  readonly type = 'histogram';
  protected override readonly flagsField = 10;

  /** This data point, with its metric, scope and resource, in a batch of its own: it stays when the loop goes on. */
  clone(): HistogramDataPointView {
    return this.metric.clonePoint() as HistogramDataPointView;
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

  /** Undefined when absent; zero is written. */
  get min(): number | undefined {
    return scalar.getDouble(this.message, 11);
  }
  set min(value: number | undefined) {
    scalar.setDouble(this.message, 11, value);
  }

  /** Undefined when absent; zero is written. */
  get max(): number | undefined {
    return scalar.getDouble(this.message, 12);
  }
  set max(value: number | undefined) {
    scalar.setDouble(this.message, 12, value);
  }

  /** One more than there are bounds, or none. */
  get bucketCounts(): bigint[] {
    return readFixed64s(this.message, 6);
  }
  set bucketCounts(value: readonly (bigint | number)[]) {
    writeFixed64s(this.message, 6, value);
  }

  get explicitBounds(): number[] {
    return readDoubles(this.message, 7);
  }
  set explicitBounds(value: readonly number[]) {
    writeDoubles(this.message, 7, value);
  }
}
