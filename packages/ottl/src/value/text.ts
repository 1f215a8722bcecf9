import { OttlRuntimeError } from '../ottl-error.ts';
import { orderStrings } from './compare-values.ts';
import { Id } from './id.ts';
import { isList, isMap, typeName, type Value } from './value.ts';

/** What a StringLike parameter makes of a value: bytes as hex, maps and lists as JSON; nil stays nil. Throws for times, parts, .... */
export function toText(value: Value): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      return plainFloat(value);
    default:
      if (value === null) return null;
      if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
      if (value instanceof Id) return value.hex;
      if (isMap(value) || isList(value)) return toJson(value);
      throw new OttlRuntimeError(`cannot make a string of ${typeName(value)}`);
  }
}

/** pcommon.Value's AsString, which `body.string` shows: bytes are base64; nil, and what has no JSON, is empty. */
export function asString(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number') return jsonFloat(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (hasNoJson(value)) return '';
  return toText(value) ?? '';
}

function hasNoJson(value: Value): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (isList(value)) return value.some(hasNoJson);
  return isMap(value) && [...value.values()].some(hasNoJson);
}

/** A float with all its digits and never an exponent, as Go's FormatFloat(v, 'f', -1, 64) writes it. */
export function plainFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  const at = text.indexOf('e');
  if (at < 0) return text;
  const sign = value < 0 ? '-' : '';
  const [whole, fraction = ''] = text.slice(sign.length, at).split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(text.slice(at + 1));
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}

function jsonFloat(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? String(value) : plainFloat(value);
}

/** JSON as Go's encoding/json writes it: keys sorted, and <, > and & escaped. Bytes are base64. Throws for NaN and infinities. */
export function toJson(value: Value): string {
  switch (typeof value) {
    case 'string':
      return jsonString(value);
    case 'number':
      if (!Number.isFinite(value)) throw new OttlRuntimeError(`JSON has no ${plainFloat(value)}`);
      return jsonFloat(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value === null) return 'null';
      if (value instanceof Uint8Array) return jsonString(Buffer.from(value).toString('base64'));
      if (isList(value)) return `[${value.map(toJson).join(',')}]`;
      if (!isMap(value)) throw new OttlRuntimeError(`cannot write ${typeName(value)} as JSON`);
      return `{${[...value]
        .sort(([a], [b]) => orderStrings(a, b))
        .map(([key, each]) => `${jsonString(key)}:${toJson(each)}`)
        .join(',')}}`;
  }
}

const ESCAPED = /[<>&\u2028\u2029]/g;

function jsonString(text: string): string {
  return JSON.stringify(text).replace(ESCAPED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
