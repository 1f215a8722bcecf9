import { DataPointWithExemplars } from './data-point-view.ts';
import * as scalar from './scalar-fields.ts';

const AS_DOUBLE = 4;
const AS_INT = 6;

/** A data point of a gauge or a sum. */
export class NumberDataPointView extends DataPointWithExemplars {
  readonly type = 'number';
  protected override readonly flagsField = 8;

  /** This data point, with its metric, scope and resource, in a batch of its own: it stays when the loop goes on. */
  clone(): NumberDataPointView {
    return this.metric.clonePoint() as NumberDataPointView;
  }

  /** 'int' or 'double'; undefined when there is no value. */
  get valueKind(): 'int' | 'double' | undefined {
    return scalar.getNumberKind(this.message, AS_INT, AS_DOUBLE);
  }

  /** An int reads as a number where that is exact, else as a bigint. */
  get value(): number | bigint | undefined {
    return scalar.getNumber(this.message, AS_INT, AS_DOUBLE);
  }
  /** Writes a double. */
  set asDouble(value: number) {
    this.message.clear(AS_INT);
    scalar.setDouble(this.message, AS_DOUBLE, value);
  }
  /** Writes an int. */
  set asInt(value: number | bigint) {
    this.message.clear(AS_DOUBLE);
    scalar.setSfixed64(this.message, AS_INT, value);
  }
}
