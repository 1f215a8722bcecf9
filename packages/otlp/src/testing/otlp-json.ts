/** OTLP/JSON made from oracle objects by reflection, apart from the product's tables. For tests only. */
import protobuf from 'protobufjs';
import { messageType } from './oracle.ts';
import type { Plain, PlainValue } from './oracle.ts';
import { randomFrom } from './rewire.ts';

const IDS: Readonly<Record<string, boolean>> = {
  traceId: true,
  spanId: true,
  parentSpanId: true,
  profileId: true,
};

/** What a conforming marshaler in the Collector's style writes, as an object that JSON.parse could have returned. */
export function expectedJson(name: string, message: Plain): unknown {
  return toJson(messageType(name), message);
}

function toJson(type: protobuf.Type, message: Plain): unknown {
  const out: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    const value = message[field.name];
    if (value === undefined) {
      if (!field.repeated && field.partOf === null && field.resolvedType instanceof protobuf.Type) {
        out[field.name] = toJson(field.resolvedType, {});
      }
      continue;
    }
    if (field.repeated) out[field.name] = (value as PlainValue[]).map((each) => elementToJson(field, each));
    else if (!isZeroId(field, value)) out[field.name] = elementToJson(field, value);
  }
  return out;
}

/** `decode` has turned bytes into `hex:` strings. */
function elementToJson(field: protobuf.Field, value: PlainValue): unknown {
  if (field.resolvedType instanceof protobuf.Type) return toJson(field.resolvedType, value as Plain);
  if (field.type === 'bytes') {
    const digits = (value as string).slice('hex:'.length);
    return IDS[field.name] ? digits : Buffer.from(digits, 'hex').toString('base64');
  }
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function isZeroId(field: protobuf.Field, value: PlainValue): boolean {
  return IDS[field.name] && /^hex:0*$/.test(value as string);
}

/** Singular messages that are always in JSON, set or not, so that "empty" and "not set" cannot be told apart there. */
const ALWAYS_THERE = new Set(
  'resource scope body value status positive negative sampleType periodType dictionary'.split(' '),
);

/** Drops what JSON does not carry from what `decode` returned: ids of zeros, and singular messages that are empty. */
export function asCarriedByJson(value: PlainValue): PlainValue {
  if (Array.isArray(value)) return value.map(asCarriedByJson);
  if (typeof value !== 'object' || value instanceof Uint8Array) return value;
  const carried: Plain = {};
  for (const [key, each] of Object.entries(value)) {
    if (IDS[key] && /^hex:0+$/.test(each as string)) continue;
    const child = asCarriedByJson(each);
    if (!(ALWAYS_THERE.has(key) && Object.keys(child as object).length === 0 && typeof child === 'object')) {
      carried[key] = child;
    }
  }
  return carried;
}

/** JSON text of a decoded message in one of its many accepted forms; equal seeds give equal texts. */
export function sloppyJson(name: string, message: Plain, seed: number): string {
  const random = randomFrom(seed);
  return new SloppyWriter(random).message(messageType(name), message);
}

class SloppyWriter {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  message(type: protobuf.Type, message: Plain): string {
    const parts: string[] = [];
    for (const field of type.fieldsArray) {
      const value = message[field.name];
      if (value === undefined) {
        if (this.#chance(0.05)) parts.push(`${this.#key(field)}:null`);
        continue;
      }
      const text = field.repeated
        ? `[${(value as PlainValue[]).map((each) => this.#value(field, each)).join(`,${this.#space()}`)}]`
        : this.#value(field, value);
      parts.push(`${this.#key(field)}${this.#space()}:${this.#space()}${text}`);
    }
    if (this.#chance(0.1)) {
      parts.splice(
        Math.floor(this.#random() * (parts.length + 1)),
        0,
        '"somethingNew":{"a":[1,-2.5e3,{"b":null}],"c":"}"}',
      );
    }
    return `{${this.#space()}${parts.join(`${this.#space()},`)}${this.#space()}}`;
  }

  #key(field: protobuf.Field): string {
    const name = this.#chance(0.2)
      ? field.name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      : field.name;
    return this.#chance(0.05)
      ? `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}"`
      : `"${name}"`;
  }

  #value(field: protobuf.Field, value: PlainValue): string {
    if (field.resolvedType instanceof protobuf.Type) return this.message(field.resolvedType, value as Plain);
    if (field.type === 'string') return this.#string(value as string);
    if (field.type === 'bytes') return this.#bytes(field, (value as string).slice('hex:'.length));
    if (typeof value === 'bigint') return this.#chance(0.5) ? `"${value}"` : String(value);
    if (typeof value === 'boolean') return String(value);
    if (field.type === 'double') return this.#double(value as number);
    const isEnum = field.resolvedType instanceof protobuf.Enum;
    return !isEnum && this.#chance(0.3) ? `"${value as number}"` : `${value as number}`;
  }

  #double(value: number): string {
    if (!Number.isFinite(value)) return `"${value}"`;
    const text = Object.is(value, -0) ? '-0' : this.#chance(0.3) ? value.toExponential() : String(value);
    return this.#chance(0.2) ? `"${text}"` : text;
  }

  #string(text: string): string {
    const json = JSON.stringify(text);
    if (!this.#chance(0.3)) return json;
    const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16).padStart(4, '0'));
    return `"${units.map((unit) => `\\u${this.#chance(0.5) ? unit.toUpperCase() : unit}`).join('')}"`;
  }

  #bytes(field: protobuf.Field, digits: string): string {
    if (IDS[field.name]) return `"${this.#chance(0.5) ? digits.toUpperCase() : digits}"`;
    return `"${Buffer.from(digits, 'hex').toString(this.#chance(0.5) ? 'base64' : 'base64url')}"`;
  }

  #space(): string {
    return this.#chance(0.1) ? ' \n\t\r'.slice(0, 1 + Math.floor(this.#random() * 4)) : '';
  }

  #chance(of: number): boolean {
    return this.#random() < of;
  }
}
