import { DataPointBase } from './data-point-view.ts';
import { ElementIterator } from './element-iterator.ts';
import { QUANTILE_VALUE } from './message-shape.ts';
import * as scalar from './scalar-fields.ts';
import { WireMessage } from './wire-message.ts';

const QUANTILES = 1;

/** A data point of a summary. */
export class SummaryDataPointView extends DataPointBase {
  readonly type = 'summary';
  protected override readonly flagsField = 8;
  private quantile: QuantileView | null = null;
  private quantileMessage: WireMessage | null = null;

  /** This data point, with its metric, scope and resource, in a batch of its own: it stays when the loop goes on. */
  clone(): SummaryDataPointView {
    return this.metric.clonePoint() as SummaryDataPointView;
  }

  /** A number where that is exact, else a bigint. */
  get count(): number | bigint {
    return scalar.getCount(this.message, 4);
  }
  set count(value: number | bigint) {
    scalar.setFixed64(this.message, 4, value);
  }

  get sum(): number {
    return scalar.getDouble(this.message, 5) ?? 0;
  }
  set sum(value: number) {
    scalar.setDouble(this.message, 5, Object.is(value, 0) ? undefined : value);
  }

  get quantileValues(): IterableIterator<QuantileView> {
    this.quantileMessage ??= new WireMessage(QUANTILE_VALUE, this.message);
    this.quantile ??= new QuantileView(this.quantileMessage);
    return new ElementIterator(this.message.lists[QUANTILES], this.quantileMessage, this.quantile);
  }

  /** A new quantile behind the others, to be filled until another is added or looked at. */
  addQuantileValue(): QuantileView {
    this.quantileMessage ??= new WireMessage(QUANTILE_VALUE, this.message);
    this.quantile ??= new QuantileView(this.quantileMessage);
    this.message.lists[QUANTILES].appendEmpty(this.quantileMessage);
    return this.quantile;
  }
}

/** A quantile of a summary and its value. A cursor: it shows another one when the loop goes on. */
export class QuantileView {
  private readonly message: WireMessage;

  constructor(message: WireMessage) {
    this.message = message;
  }

  /** From 0 to 1. */
  get quantile(): number {
    return scalar.getDouble(this.message, 1) ?? 0;
  }
  set quantile(value: number) {
    scalar.setDouble(this.message, 1, Object.is(value, 0) ? undefined : value);
  }

  get value(): number {
    return scalar.getDouble(this.message, 2) ?? 0;
  }
  set value(value: number) {
    scalar.setDouble(this.message, 2, Object.is(value, 0) ? undefined : value);
  }

  drop(): void {
    this.message.drop();
  }
}
