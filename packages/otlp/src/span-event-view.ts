import { AttributesView } from './attributes-view.ts';
import * as scalar from './scalar-fields.ts';
import type { WireMessage } from './wire-message.ts';

/** An event of a span. A cursor: it shows another event when the loop goes on. */
export class SpanEventView {
  readonly attributes: AttributesView;
  private readonly message: WireMessage;

  constructor(message: WireMessage) {
    this.message = message;
    this.attributes = new AttributesView(message.lists[0]);
  }

  get timeUnixNano(): bigint {
    return scalar.getFixed64(this.message, 1);
  }
  set timeUnixNano(value: bigint) {
    scalar.setFixed64(this.message, 1, value);
  }
  /** Milliseconds since 1970, with fractions. */
  get timeUnixMs(): number {
    return scalar.getMilliseconds(this.message, 1);
  }

  get name(): string {
    return scalar.getString(this.message, 2);
  }
  set name(value: string) {
    scalar.setString(this.message, 2, value);
  }

  get droppedAttributesCount(): number {
    return scalar.getUint32(this.message, 4);
  }
  set droppedAttributesCount(value: number) {
    scalar.setUint32(this.message, 4, value);
  }

  drop(): void {
    this.message.drop();
  }
}
