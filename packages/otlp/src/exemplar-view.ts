import { AttributesView } from './attributes-view.ts';
import * as scalar from './scalar-fields.ts';
import type { WireMessage } from './wire-message.ts';

const AS_DOUBLE = 3;
const AS_INT = 6;

/** An exemplar of a data point. A cursor: it shows another one when the loop goes on. */
export class ExemplarView {
  readonly filteredAttributes: AttributesView;
  private readonly message: WireMessage;

  constructor(message: WireMessage) {
    this.message = message;
    this.filteredAttributes = new AttributesView(message.lists[0]);
  }

  get timeUnixNano(): bigint {
    return scalar.getFixed64(this.message, 2);
  }
  set timeUnixNano(value: bigint) {
    scalar.setFixed64(this.message, 2, value);
  }
  /** Milliseconds since 1970, with fractions. */
  get timeUnixMs(): number {
    return scalar.getMilliseconds(this.message, 2);
  }

  /** Lowercase hex, '' when absent. */
  get spanId(): string {
    return scalar.getHex(this.message, 4);
  }
  set spanId(value: string) {
    scalar.setHex(this.message, 4, value);
  }
  get spanIdBytes(): Uint8Array {
    return scalar.getBytes(this.message, 4);
  }
  set spanIdBytes(value: Uint8Array) {
    scalar.setBytes(this.message, 4, value);
  }

  /** Lowercase hex, '' when absent. */
  get traceId(): string {
    return scalar.getHex(this.message, 5);
  }
  set traceId(value: string) {
    scalar.setHex(this.message, 5, value);
  }
  get traceIdBytes(): Uint8Array {
    return scalar.getBytes(this.message, 5);
  }
  set traceIdBytes(value: Uint8Array) {
    scalar.setBytes(this.message, 5, value);
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

  drop(): void {
    this.message.drop();
  }
}
