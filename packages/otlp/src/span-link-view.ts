import { AttributesView } from './attributes-view.ts';
import * as scalar from './scalar-fields.ts';
import type { WireMessage } from './wire-message.ts';

/** A link of a span. A cursor: it shows another link when the loop goes on. */
export class SpanLinkView {
  readonly attributes: AttributesView;
  private readonly message: WireMessage;

  constructor(message: WireMessage) {
    this.message = message;
    this.attributes = new AttributesView(message.lists[0]);
  }

  /** Lowercase hex, '' when absent. */
  get traceId(): string {
    return scalar.getHex(this.message, 1);
  }
  set traceId(value: string) {
    scalar.setHex(this.message, 1, value);
  }
  get traceIdBytes(): Uint8Array {
    return scalar.getBytes(this.message, 1);
  }
  set traceIdBytes(value: Uint8Array) {
    scalar.setBytes(this.message, 1, value);
  }

  /** Lowercase hex, '' when absent. */
  get spanId(): string {
    return scalar.getHex(this.message, 2);
  }
  set spanId(value: string) {
    scalar.setHex(this.message, 2, value);
  }
  get spanIdBytes(): Uint8Array {
    return scalar.getBytes(this.message, 2);
  }
  set spanIdBytes(value: Uint8Array) {
    scalar.setBytes(this.message, 2, value);
  }

  get traceState(): string {
    return scalar.getString(this.message, 3);
  }
  set traceState(value: string) {
    scalar.setString(this.message, 3, value);
  }

  get droppedAttributesCount(): number {
    return scalar.getUint32(this.message, 5);
  }
  set droppedAttributesCount(value: number) {
    scalar.setUint32(this.message, 5, value);
  }

  get flags(): number {
    return scalar.getFixed32(this.message, 6);
  }
  set flags(value: number) {
    scalar.setFixed32(this.message, 6, value);
  }

  drop(): void {
    this.message.drop();
  }
}
