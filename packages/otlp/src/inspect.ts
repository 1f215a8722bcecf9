/**
 * The rules of a valid request, read from the tables: slow, thorough, with path and offset.
 *
 * `validate` runs a walker that only says yes or no; when it says no, this finds out where and why. It is also
 * the validator of profiles, whose inner messages still change between releases and are checked for form only.
 */
import { idLength, requestDescriptor } from './descriptors.ts';
import type { FieldDescriptor, MessageDescriptor } from './descriptors.ts';
import type { Signal } from './signal.ts';
import { InvalidMessage } from './invalid-message.ts';
import type { InvalidMessageCode } from './invalid-message.ts';
import { utf8ErrorAt } from './utf8.ts';

/** What is known of a request that passed. */
export interface Inspection {
  /** Log records, spans, metric data points or profile samples. */
  readonly items: number;
  /** Whether no field needs to be merged before it is read; see `validate`. */
  readonly canonical: boolean;
}

/** What counts as an item; for profiles the Collector counts samples. */
const ITEM_MESSAGES: ReadonlySet<string> = new Set([
  'LogRecord',
  'Span',
  'NumberDataPoint',
  'HistogramDataPoint',
  'ExponentialHistogramDataPoint',
  'SummaryDataPoint',
]);
/** References to the dictionary of profiles. Elsewhere they mean nothing, and the walker passes over them as unknown fields. */
const PROFILES_ONLY: ReadonlySet<string> = new Set(['keyStrindex', 'stringValueStrindex']);
const OPAQUE_MESSAGES: ReadonlySet<string> = new Set(['Profile', 'ProfilesDictionary']);
const SAMPLES_OF_PROFILE = 2;

/** Whether each message of this name is one item. */
export function isItemMessage(name: string): boolean {
  return ITEM_MESSAGES.has(name);
}

/** Whether the fields of this message differ between releases of OTLP, so that only its form can be checked. */
export function isOpaqueMessage(name: string): boolean {
  return OPAQUE_MESSAGES.has(name);
}

/** Checks a whole request; throws {@link InvalidMessage}. */
export function inspect(signal: Signal, bytes: Uint8Array, depthMax: number): Inspection {
  const walk = new Inspector(signal, bytes, depthMax);
  walk.message(requestDescriptor(signal), 0, bytes.length, 0);
  return { items: walk.items, canonical: walk.canonical };
}

class Inspector {
  items = 0;
  canonical = true;
  readonly #signal: Signal;
  readonly #bytes: Uint8Array;
  readonly #depthMax: number;
  /** Names and indexes from the request down to here. */
  readonly #path: string[] = [];
  #at = 0;

  constructor(signal: Signal, bytes: Uint8Array, depthMax: number) {
    this.#signal = signal;
    this.#bytes = bytes;
    this.#depthMax = depthMax;
  }

  message(descriptor: MessageDescriptor, start: number, end: number, depth: number): void {
    if (depth > this.#depthMax) this.#fail('DEPTH', start, `messages are nested more than ${this.#depthMax} deep`);
    if (isItemMessage(descriptor.name)) this.items++;
    const opaque = isOpaqueMessage(descriptor.name);
    const seen = new Set<number>();
    const counts = new Map<number, number>();
    this.#at = start;
    while (this.#at < end) {
      const tagAt = this.#at;
      const tag = this.#tag(end);
      const number = tag >>> 3;
      const field = opaque ? undefined : this.#field(descriptor, number);
      if (descriptor.name === 'Profile' && tag === SAMPLES_OF_PROFILE * 8 + 2) this.items++;
      if (field === undefined) {
        this.#value(tag & 7, tagAt, end);
        continue;
      }
      if (this.#bytes[this.#at - 1] === 0) this.canonical = false;
      const index = counts.get(number) ?? 0;
      counts.set(number, index + 1);
      const slot = field.oneof >= 0 ? -1 - field.oneof : number;
      if (!field.repeated && seen.has(slot)) this.canonical = false;
      seen.add(slot);
      this.#path.push(field.repeated && field.wireType === 2 ? `${field.name}[${index}]` : field.name);
      this.#known(field, tag & 7, tagAt, end, depth);
      this.#path.pop();
    }
  }

  #field(descriptor: MessageDescriptor, number: number): FieldDescriptor | undefined {
    const field = descriptor.byNumber.get(number);
    return field !== undefined && this.#signal !== 'profiles' && PROFILES_ONLY.has(field.name) ? undefined : field;
  }

  #known(field: FieldDescriptor, wire: number, tagAt: number, end: number, depth: number): void {
    if (wire === 2 && field.packed) {
      this.#packed(field, tagAt, end);
      return;
    }
    if (wire > 5 || wire === 3 || wire === 4) this.#refuseWireType(wire, tagAt);
    if (wire !== field.wireType) {
      this.#fail('WIRE_TYPE_MISMATCH', tagAt, `wire type ${wire} instead of ${field.wireType} (${typeName(field)})`);
    }
    const from = this.#value(wire, tagAt, end);
    const to = this.#at;
    if (field.message !== undefined) {
      this.message(field.message, from, to, depth + 1);
    } else if (field.type === 'string') {
      const bad = utf8ErrorAt(this.#bytes, from, to);
      if (bad !== -1) this.#fail('UTF8', bad, 'text is not valid UTF-8');
    } else if (idLength(field.type) > 0 && to !== from && to - from !== idLength(field.type)) {
      this.#fail('ID_LENGTH', from, `id of ${to - from} bytes instead of ${idLength(field.type)} (or none)`);
    }
  }

  #packed(field: FieldDescriptor, tagAt: number, end: number): void {
    const from = this.#value(2, tagAt, end);
    const to = this.#at;
    const size = field.wireType === 1 ? 8 : field.wireType === 5 ? 4 : 0;
    if (size === 0) {
      this.#at = from;
      while (this.#at < to) this.#varint(to);
    } else if ((to - from) % size !== 0) {
      this.#fail('PACKED_LENGTH', from, `${to - from} bytes of packed numbers of ${size} bytes each`);
    }
  }

  /** Passes over a value; gives where its content begins, `#at` is where it ends. */
  #value(wire: number, tagAt: number, end: number): number {
    let from = this.#at;
    if (wire === 0) {
      this.#varint(end);
      return from;
    }
    let size = wire === 1 ? 8 : 4;
    if (wire === 2) {
      size = this.#length(end);
      from = this.#at;
    } else if (wire !== 1 && wire !== 5) {
      this.#refuseWireType(wire, tagAt);
    }
    if (from + size > end) {
      this.#fail('TRUNCATED', tagAt, `field of ${size} bytes where ${end - from} are left`);
    }
    this.#at = from + size;
    return from;
  }

  #tag(end: number): number {
    const start = this.#at;
    const tag = this.#smallVarint(end, 5, 2 ** 32 - 1, 'tag');
    if (tag >>> 3 === 0) this.#fail('FIELD_NUMBER', start, 'field number 0');
    return tag;
  }

  #length(end: number): number {
    return this.#smallVarint(end, 10, 2 ** 31 - 1, 'length');
  }

  #smallVarint(end: number, bytesMax: number, max: number, what: string): number {
    const start = this.#at;
    let value = 0;
    for (let i = 0; i < bytesMax; i++) {
      if (this.#at >= end) this.#fail('TRUNCATED', start, `the message ends within a ${what}`);
      const byte = this.#bytes[this.#at++];
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (value > max) break;
      if (byte < 0x80) return value;
    }
    return this.#fail('VARINT_TOO_LONG', start, `${what} is too large`);
  }

  #varint(end: number): void {
    const start = this.#at;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= end) this.#fail('TRUNCATED', start, 'the message ends within a varint');
      const byte = this.#bytes[this.#at++];
      if (byte >= 0x80) continue;
      if (i === 9 && byte > 1) break;
      return;
    }
    this.#fail('VARINT_TOO_LONG', start, 'varint of more than 64 bits');
  }

  #refuseWireType(wire: number, at: number): never {
    const what = wire === 3 || wire === 4 ? 'groups are not part of OTLP' : 'it does not exist';
    return this.#fail('WIRE_TYPE_REFUSED', at, `wire type ${wire} is refused: ${what}`);
  }

  #fail(code: InvalidMessageCode, offset: number, what: string): never {
    throw new InvalidMessage(what, { code, offset, path: this.#path.join('.') });
  }
}

function typeName(field: FieldDescriptor): string {
  return `${field.repeated ? 'repeated ' : ''}${field.message?.name ?? field.type}`;
}
