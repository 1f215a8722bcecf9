import { AttributesView } from './attributes-view.ts';
import { ElementIterator } from './element-iterator.ts';
import { ItemView } from './item-view.ts';
import { SPAN_EVENT, SPAN_LINK } from './message-shape.ts';
import type { ResourceView } from './resource-view.ts';
import * as scalar from './scalar-fields.ts';
import { SpanEventView } from './span-event-view.ts';
import { SpanLinkView } from './span-link-view.ts';
import type { SpansScopeView } from './traces-batch.ts';
import { WireMessage } from './wire-message.ts';

const EVENTS = 1;
const LINKS = 2;
const STATUS_FIELD = 15;

/** A span. A cursor: it shows another span when the loop goes on; `clone()` keeps one. */
export class SpanView extends ItemView<SpansScopeView> {
  readonly attributes: AttributesView;
  private readonly status: WireMessage;
  private event: SpanEventView | null = null;
  private eventMessage: WireMessage | null = null;
  private link: SpanLinkView | null = null;
  private linkMessage: WireMessage | null = null;

  constructor(message: WireMessage, scope: SpansScopeView | null) {
    super(message, scope);
    this.attributes = new AttributesView(message.lists[0]);
    this.status = message.sub(STATUS_FIELD);
  }

  get scope(): SpansScopeView {
    return this.context;
  }

  get resource(): ResourceView<SpansScopeView> {
    return this.scope.resource;
  }

  /** This span, with its scope and resource, in a batch of its own: it stays when the loop goes on. */
  clone(): SpanView {
    return this.scope.cloneSpan();
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

  /** Lowercase hex, '' when absent. */
  get parentSpanId(): string {
    return scalar.getHex(this.message, 4);
  }
  set parentSpanId(value: string) {
    scalar.setHex(this.message, 4, value);
  }
  get parentSpanIdBytes(): Uint8Array {
    return scalar.getBytes(this.message, 4);
  }
  set parentSpanIdBytes(value: Uint8Array) {
    scalar.setBytes(this.message, 4, value);
  }

  get name(): string {
    return scalar.getString(this.message, 5);
  }
  set name(value: string) {
    scalar.setString(this.message, 5, value);
  }

  get kind(): number {
    return scalar.getInt32(this.message, 6);
  }
  set kind(value: number) {
    scalar.setInt32(this.message, 6, value);
  }

  get startTimeUnixNano(): bigint {
    return scalar.getFixed64(this.message, 7);
  }
  set startTimeUnixNano(value: bigint) {
    scalar.setFixed64(this.message, 7, value);
  }
  /** Milliseconds since 1970, with fractions. */
  get startTimeUnixMs(): number {
    return scalar.getMilliseconds(this.message, 7);
  }

  get endTimeUnixNano(): bigint {
    return scalar.getFixed64(this.message, 8);
  }
  set endTimeUnixNano(value: bigint) {
    scalar.setFixed64(this.message, 8, value);
  }
  /** Milliseconds since 1970, with fractions. */
  get endTimeUnixMs(): number {
    return scalar.getMilliseconds(this.message, 8);
  }

  get droppedAttributesCount(): number {
    return scalar.getUint32(this.message, 10);
  }
  set droppedAttributesCount(value: number) {
    scalar.setUint32(this.message, 10, value);
  }

  get droppedEventsCount(): number {
    return scalar.getUint32(this.message, 12);
  }
  set droppedEventsCount(value: number) {
    scalar.setUint32(this.message, 12, value);
  }

  get droppedLinksCount(): number {
    return scalar.getUint32(this.message, 14);
  }
  set droppedLinksCount(value: number) {
    scalar.setUint32(this.message, 14, value);
  }

  get flags(): number {
    return scalar.getFixed32(this.message, 16);
  }
  set flags(value: number) {
    scalar.setFixed32(this.message, 16, value);
  }

  get statusMessage(): string {
    return scalar.getString(this.status, 2);
  }
  set statusMessage(value: string) {
    scalar.setString(this.status, 2, value);
  }

  /** 0 unset, 1 ok, 2 error. */
  get statusCode(): number {
    return scalar.getInt32(this.status, 3);
  }
  set statusCode(value: number) {
    scalar.setInt32(this.status, 3, value);
  }

  get events(): IterableIterator<SpanEventView> {
    this.eventMessage ??= new WireMessage(SPAN_EVENT, this.message);
    this.event ??= new SpanEventView(this.eventMessage);
    return new ElementIterator(this.message.lists[EVENTS], this.eventMessage, this.event);
  }

  get eventCount(): number {
    return this.message.lists[EVENTS].size;
  }

  /** A new event behind the others, to be filled until another is added or looked at. */
  addEvent(): SpanEventView {
    this.eventMessage ??= new WireMessage(SPAN_EVENT, this.message);
    this.event ??= new SpanEventView(this.eventMessage);
    this.message.lists[EVENTS].appendEmpty(this.eventMessage);
    return this.event;
  }

  get links(): IterableIterator<SpanLinkView> {
    this.linkMessage ??= new WireMessage(SPAN_LINK, this.message);
    this.link ??= new SpanLinkView(this.linkMessage);
    return new ElementIterator(this.message.lists[LINKS], this.linkMessage, this.link);
  }

  get linkCount(): number {
    return this.message.lists[LINKS].size;
  }

  /** A new link behind the others, to be filled until another is added or looked at. */
  addLink(): SpanLinkView {
    this.linkMessage ??= new WireMessage(SPAN_LINK, this.message);
    this.link ??= new SpanLinkView(this.linkMessage);
    this.message.lists[LINKS].appendEmpty(this.linkMessage);
    return this.link;
  }
}
