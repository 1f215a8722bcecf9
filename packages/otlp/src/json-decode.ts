/**
 * OTLP/JSON to protobuf bytes: a tokenizer that writes the wire format as it reads. JSON.parse would be no faster with the
 * encoding that has to follow (benchmarks/micro/json), and it loses the digits of integers beyond 2^53.
 *
 * Keys are lowerCamelCase, or snake_case, which the Collector takes too; unknown keys are ignored, null is absent. 64-bit
 * integers are strings or numbers, enums are numbers, ids hexadecimal in either case, bytes base64 in either alphabet.
 */
import { ByteWriter, putVarint32 } from './byte-writer.ts';
import type { Allocate } from './byte-writer.ts';
import { idLength, requestDescriptor } from './descriptors.ts';
import type { FieldDescriptor, MessageDescriptor } from './descriptors.ts';
import type { Signal } from './signal.ts';
import { fieldOf, planOf } from './json-decode-plan.ts';
import type { FieldPlan, MessagePlan } from './json-decode-plan.ts';
import { appendBase64, appendId, putVarint64 } from './json-decode-scalars.ts';
import { JsonReader } from './json-reader.ts';
import { normalize } from './normalize.ts';
import { isUtf8, utf8ErrorAt } from './utf8.ts';
import { DEPTH_MAX } from './validate.ts';
import { moveBytes, varintSize } from './wire.ts';

export interface JsonToProtoOptions {
  /** How many messages may be nested in one another; default {@link DEPTH_MAX}. */
  readonly depthMax?: number;
  /** Largest result in bytes; lists of numbers may take four times the room of their JSON. Default: no limit. */
  readonly bytesMax?: number;
  readonly allocate?: Allocate;
}

/**
 * The protobuf bytes of an OTLP/JSON export request. They are valid and in canonical shape, so they need no `validate`
 * except to be counted.
 *
 * @throws {InvalidMessage} with line, column and path of the first fault, whatever the input.
 */
export function jsonToProto(signal: Signal, json: Uint8Array | string, options: JsonToProtoOptions = {}): Uint8Array {
  const bytes = typeof json === 'string' ? new TextEncoder().encode(json) : json;
  const decoder = new JsonDecoder(bytes, options);
  const written = decoder.request(requestDescriptor(signal));
  return decoder.repeatedSingular ? normalize(signal, written) : written;
}

/** Decodes one message of any type; for the service messages. */
export function jsonToMessage(message: MessageDescriptor, bytes: Uint8Array): Uint8Array {
  return new JsonDecoder(bytes, {}).request(message);
}

class JsonDecoder {
  /** Whether a singular field was given twice, so that the result has to be normalized. */
  repeatedSingular = false;
  readonly #in: JsonReader;
  readonly #out: ByteWriter;
  readonly #depthMax: number;
  readonly #bytesMax: number;
  /** By depth: where we are, for error messages. */
  readonly #pathFields: (FieldPlan | undefined)[] = [];
  readonly #pathIndexes: number[] = [];
  #depth = 0;

  constructor(bytes: Uint8Array, options: JsonToProtoOptions) {
    this.#in = new JsonReader(bytes);
    this.#in.path = () => this.#path();
    this.#out = new ByteWriter(options.allocate, Math.max(64, bytes.length >>> 1));
    this.#depthMax = options.depthMax ?? DEPTH_MAX;
    this.#bytesMax = options.bytesMax ?? Infinity;
  }

  request(message: MessageDescriptor): Uint8Array {
    const reader = this.#in;
    const { bytes } = reader;
    if (!isUtf8(bytes, 0, bytes.length)) {
      reader.fail('UTF8', utf8ErrorAt(bytes, 0, bytes.length), 'the text is not valid UTF-8');
    }
    this.#message(planOf(message));
    if (reader.peek() !== 0 || reader.at < bytes.length) {
      reader.fail('JSON_SYNTAX', reader.at, 'expected the end of the text after the request');
    }
    return this.#out.take();
  }

  #message(plan: MessagePlan): void {
    const reader = this.#in;
    const depth = this.#depth;
    if (depth > this.#depthMax) reader.fail('DEPTH', reader.at, `messages are nested more than ${this.#depthMax} deep`);
    reader.expect(0x7b, 'an object');
    if (reader.peek() === 0x7d) {
      reader.at++;
      return;
    }
    let seen = 0;
    let previous: FieldPlan | undefined;
    do {
      let field = previous === undefined ? plan.first : previous.follower;
      if (field === undefined || !reader.takeKey(field.key)) {
        reader.string('a key');
        field = fieldOf(reader, plan);
        if (previous === undefined) plan.first = field;
        else previous.follower = field;
      }
      previous = field;
      reader.expect(0x3a, '":"');
      if (field === undefined) {
        reader.skipValue(this.#depthMax);
      } else if (!reader.takeNull()) {
        this.#pathFields[depth] = field;
        this.#pathIndexes[depth] = -1;
        this.#depth = depth + 1;
        if (field.field.repeated) this.#list(field);
        else this.#singular(field, (seen & field.bit) !== 0);
        this.#depth = depth;
        seen |= field.bit;
      }
    } while (reader.more(0x7d));
    this.#pathFields[depth] = undefined;
  }

  #singular(plan: FieldPlan, again: boolean): void {
    const out = this.#out;
    const { field, child } = plan;
    if (again) this.repeatedSingular = true;
    const start = out.length;
    out.varint32(plan.tag);
    if (child !== undefined) {
      this.#element(child);
      return;
    }
    const isDefault = field.wireType === 2 ? this.#bytes(field) : this.#number(field);
    // A default that comes after another value has to overwrite it.
    if (isDefault && !field.presence && !again) out.length = start;
  }

  #list(plan: FieldPlan): void {
    const reader = this.#in;
    const out = this.#out;
    const { field, child } = plan;
    reader.expect(0x5b, 'a list');
    if (reader.peek() === 0x5d) {
      reader.at++;
      return;
    }
    const indexes = this.#pathIndexes;
    const level = this.#depth - 1;
    indexes[level] = 0;
    let mark = 0;
    if (field.packed) {
      out.varint32(plan.tag);
      mark = out.open();
    }
    do {
      if (!field.packed) out.varint32(plan.tag);
      if (child !== undefined) this.#element(child);
      else if (field.wireType === 2) this.#bytes(field);
      else this.#number(field);
      indexes[level]++;
      this.#checkSize();
    } while (reader.more(0x5d));
    if (field.packed) out.close(mark);
  }

  /** Length and content of a submessage; null, as a list's element, is an empty one. */
  #element(plan: MessagePlan): void {
    const out = this.#out;
    out.reserve(8);
    const guess = plan.lengthBytes;
    out.length += guess;
    const start = out.length;
    if (!this.#in.takeNull()) this.#message(plan);
    const size = out.length - start;
    const width = varintSize(size);
    if (width !== guess) {
      out.reserve(width);
      moveBytes(out.bytes, start - guess + width, start, out.length);
      out.length += width - guess;
      plan.lengthBytes = width;
    }
    putVarint32(out.bytes, start - guess, size);
  }

  /** A string, bytes or an id with its length; returns whether it is empty. */
  #bytes(field: FieldDescriptor): boolean {
    const reader = this.#in;
    const out = this.#out;
    reader.string(field.type === 'string' ? 'a string' : field.type === 'bytes' ? 'base64 in a string' : 'a string');
    out.reserve(reader.tokenEnd - reader.tokenStart + 8);
    if (field.type === 'string') {
      const mark = out.open();
      reader.appendString(out);
      out.close(mark);
      return out.length === mark;
    }
    if (field.type === 'bytes') {
      const mark = out.open();
      appendBase64(reader, out);
      out.close(mark);
      return out.length === mark;
    }
    return appendId(reader, out, idLength(field.type));
  }

  /** Any number or boolean without its tag; returns whether it is zero. */
  #number(field: FieldDescriptor): boolean {
    const reader = this.#in;
    const out = this.#out;
    switch (field.type) {
      case 'bool': {
        const value = reader.boolean();
        out.varint32(value ? 1 : 0);
        return !value;
      }
      case 'double': {
        const value = reader.double();
        out.double(value);
        return Object.is(value, 0);
      }
      case 'int64':
      case 'uint64':
        reader.integer64(field.type === 'int64', `a whole number (${field.type})`);
        out.reserve(10);
        out.length = putVarint64(out.bytes, out.length, reader.low, reader.high);
        break;
      case 'fixed64':
      case 'sfixed64':
        reader.integer64(field.type === 'sfixed64', `a whole number (${field.type})`);
        out.fixed32(reader.low);
        out.fixed32(reader.high);
        break;
      default:
        return this.#integer32(field);
    }
    return (reader.low | reader.high) === 0;
  }

  #integer32(field: FieldDescriptor): boolean {
    const reader = this.#in;
    const out = this.#out;
    const isUnsigned = field.type === 'uint32' || field.type === 'fixed32';
    const what =
      field.type === 'enum' ? "an enum's number (names are not valid here)" : `a whole number (${field.type})`;
    if (field.type === 'enum' && reader.peek() === 0x22) reader.unexpected(what);
    reader.integer64(true, what);
    const { low, high } = reader;
    const fits = isUnsigned ? high === 0 : high === (low >>> 31 === 0 ? 0 : 0xffff_ffff);
    if (!fits) reader.fail('JSON_VALUE', reader.tokenStart, `expected ${what}; this number is out of its range`);
    if (field.type === 'fixed32') {
      out.fixed32(low);
    } else if (field.type === 'sint32') {
      out.varint32(((low << 1) ^ ((low | 0) >> 31)) >>> 0);
    } else {
      // Negative numbers take ten bytes, as everywhere in protobuf.
      out.reserve(10);
      out.length = putVarint64(out.bytes, out.length, low, high);
    }
    return low === 0;
  }

  #checkSize(): void {
    if (this.#out.length <= this.#bytesMax) return;
    this.#in.fail('SIZE', this.#in.at, `the request takes more than ${this.#bytesMax} bytes as protobuf`);
  }

  #path(): string {
    const parts: string[] = [];
    for (let i = 0; i < this.#depth; i++) {
      const name = this.#pathFields[i]?.field.name ?? '';
      parts.push(this.#pathIndexes[i] === -1 ? name : `${name}[${this.#pathIndexes[i]}]`);
    }
    return parts.join('.');
  }
}
