import { AttributesView } from './attributes-view.ts';
import { ElementIterator } from './element-iterator.ts';
import { ExemplarView } from './exemplar-view.ts';
import { ItemView } from './item-view.ts';
import { EXEMPLAR } from './message-shape.ts';
import type { MetricView } from './metric-view.ts';
import type { MetricsScopeView } from './metrics-batch.ts';
import type { ResourceView } from './resource-view.ts';
import * as scalar from './scalar-fields.ts';
import { WireMessage } from './wire-message.ts';

const START_TIME = 2;
const TIME = 3;
const EXEMPLARS = 1;

/** What the data points of all metric types have. A cursor: it shows another one when the loop goes on; `clone()` keeps one. */
export abstract class DataPointBase extends ItemView<MetricView> {
  readonly attributes: AttributesView;
  protected abstract readonly flagsField: number;

  constructor(message: WireMessage, metric: MetricView | null) {
    super(message, metric);
    this.attributes = new AttributesView(message.lists[0]);
  }

  get metric(): MetricView {
    return this.context;
  }

  get scope(): MetricsScopeView {
    return this.context.scope;
  }

  get resource(): ResourceView<MetricsScopeView> {
    return this.context.scope.resource;
  }

  get startTimeUnixNano(): bigint {
    return scalar.getFixed64(this.message, START_TIME);
  }
  set startTimeUnixNano(value: bigint) {
    scalar.setFixed64(this.message, START_TIME, value);
  }
  /** Milliseconds since 1970, with fractions. */
  get startTimeUnixMs(): number {
    return scalar.getMilliseconds(this.message, START_TIME);
  }

  get timeUnixNano(): bigint {
    return scalar.getFixed64(this.message, TIME);
  }
  set timeUnixNano(value: bigint) {
    scalar.setFixed64(this.message, TIME, value);
  }
  /** Milliseconds since 1970, with fractions. */
  get timeUnixMs(): number {
    return scalar.getMilliseconds(this.message, TIME);
  }

  get flags(): number {
    return scalar.getUint32(this.message, this.flagsField);
  }
  set flags(value: number) {
    scalar.setUint32(this.message, this.flagsField, value);
  }
}

/** Data points that can have exemplars: all but those of summaries. */
export abstract class DataPointWithExemplars extends DataPointBase {
  private exemplar: ExemplarView | null = null;
  private exemplarMessage: WireMessage | null = null;

  get exemplars(): IterableIterator<ExemplarView> {
    this.exemplarMessage ??= new WireMessage(EXEMPLAR, this.message);
    this.exemplar ??= new ExemplarView(this.exemplarMessage);
    return new ElementIterator(this.message.lists[EXEMPLARS], this.exemplarMessage, this.exemplar);
  }

  get exemplarCount(): number {
    return this.message.lists[EXEMPLARS].size;
  }

  /** A new exemplar behind the others, to be filled until another is added or looked at. */
  addExemplar(): ExemplarView {
    this.exemplarMessage ??= new WireMessage(EXEMPLAR, this.message);
    this.exemplar ??= new ExemplarView(this.exemplarMessage);
    this.message.lists[EXEMPLARS].appendEmpty(this.exemplarMessage);
    return this.exemplar;
  }
}
