import type { AnyValue, AnyValueInput } from './any-value.ts';
import { AttributesView } from './attributes-view.ts';
import type { LogsScopeView } from './logs-batch.ts';
import type { ResourceView } from './resource-view.ts';
import * as scalar from './scalar-fields.ts';
import { ItemView } from './item-view.ts';
import { ValueField } from './value-field.ts';
import type { WireMessage } from './wire-message.ts';

/** A log record. A cursor: it shows another record when the loop goes on; `clone()` keeps one. */
export class LogRecordView extends ItemView<LogsScopeView> {
  readonly attributes: AttributesView;
  /** Access to the body without decoding it, and without doubt about its kind. */
  readonly bodyField: ValueField;

  constructor(message: WireMessage, scope: LogsScopeView | null) {
    super(message, scope);
    this.attributes = new AttributesView(message.lists[0]);
    this.bodyField = new ValueField(message, 5);
  }

  get scope(): LogsScopeView {
    return this.context;
  }

  get resource(): ResourceView<LogsScopeView> {
    return this.scope.resource;
  }

  /** This record, with its scope and resource, in a batch of its own: it stays when the loop goes on. */
  clone(): LogRecordView {
    return this.scope.cloneRecord();
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

  get observedTimeUnixNano(): bigint {
    return scalar.getFixed64(this.message, 11);
  }
  set observedTimeUnixNano(value: bigint) {
    scalar.setFixed64(this.message, 11, value);
  }
  /** Milliseconds since 1970, with fractions. */
  get observedTimeUnixMs(): number {
    return scalar.getMilliseconds(this.message, 11);
  }

  get severityNumber(): number {
    return scalar.getInt32(this.message, 2);
  }
  set severityNumber(value: number) {
    scalar.setInt32(this.message, 2, value);
  }

  get severityText(): string {
    return scalar.getString(this.message, 3);
  }
  set severityText(value: string) {
    scalar.setString(this.message, 3, value);
  }

  /** Null when there is none or it is empty. */
  get body(): AnyValue {
    return this.bodyField.value;
  }
  set body(value: AnyValueInput) {
    this.bodyField.value = value;
  }

  get droppedAttributesCount(): number {
    return scalar.getUint32(this.message, 7);
  }
  set droppedAttributesCount(value: number) {
    scalar.setUint32(this.message, 7, value);
  }

  get flags(): number {
    return scalar.getFixed32(this.message, 8);
  }
  set flags(value: number) {
    scalar.setFixed32(this.message, 8, value);
  }

  /** Lowercase hex, '' when absent. */
  get traceId(): string {
    return scalar.getHex(this.message, 9);
  }
  set traceId(value: string) {
    scalar.setHex(this.message, 9, value);
  }
  get traceIdBytes(): Uint8Array {
    return scalar.getBytes(this.message, 9);
  }
  set traceIdBytes(value: Uint8Array) {
    scalar.setBytes(this.message, 9, value);
  }

  /** Lowercase hex, '' when absent. */
  get spanId(): string {
    return scalar.getHex(this.message, 10);
  }
  set spanId(value: string) {
    scalar.setHex(this.message, 10, value);
  }
  get spanIdBytes(): Uint8Array {
    return scalar.getBytes(this.message, 10);
  }
  set spanIdBytes(value: Uint8Array) {
    scalar.setBytes(this.message, 10, value);
  }

  get eventName(): string {
    return scalar.getString(this.message, 12);
  }
  set eventName(value: string) {
    scalar.setString(this.message, 12, value);
  }
}
