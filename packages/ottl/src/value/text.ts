import { formatLayout } from '../functions/times/format-layout.ts';
import { RFC3339_NANO } from '../functions/times/go-layout.ts';
import { OttlRuntimeError } from '../ottl-error.ts';
import { orderStrings } from './compare-values.ts';
import { Id } from './id.ts';
import { Duration, Time } from './time.ts';
import { isList, isMap, typeName, type Value } from './value.ts';

/**
 * What a StringLike parameter makes of a value: bytes and ids as hex, durations as nanoseconds, all else as JSON; nil stays nil.
 * Throws for what JSON does not have.
 */
export function toText(value: Value): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      return toJson(value);
    default:
      if (value === null) return null;
      if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
      if (value instanceof Id) return value.hex;
      if (isMap(value) || isList(value)) return toJson(value);
      if (value instanceof Duration) return String(value.nanos);
      if (value instanceof Time) return `"${formatLayout(RFC3339_NANO, value)}"`;
      throw new OttlRuntimeError(`cannot make a string of ${typeName(value)}`);
  }
}

/** pcommon.Value's AsString, which `body.string` shows: bytes are base64; nil, and what has no JSON, is empty. */
export function asString(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? shortFloat(value) : plainFloat(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (hasNoJson(value)) return '';
  return isMap(value) || isList(value) ? writeJson(value, PLAIN) : (toText(value) ?? '');
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

function shortFloat(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** A way to write JSON: what becomes of floats, and what is escaped in strings beside quotes, backslashes and control characters. */
interface JsonStyle {
  readonly float: (value: number) => string;
  readonly escaped: RegExp;
}

/** As OTTL's functions write it, by goccy/go-json. */
const STRICT: JsonStyle = {
  float: (value) => shortFloat(value).replace(/e([+-])(\d)$/, 'e$10$2'),
  escaped: /[<>&\u2028\u2029]/g,
};
/** As pdata writes it. */
const PLAIN: JsonStyle = { float: shortFloat, escaped: /[\u2028\u2029]/g };

/** JSON with sorted keys, in which <, > and & are escaped. Bytes are base64. Throws for NaN and infinities. */
function toJson(value: Value): string {
  return writeJson(value, STRICT);
}

function writeJson(value: Value, style: JsonStyle): string {
  switch (typeof value) {
    case 'string':
      return jsonString(value, style);
    case 'number':
      if (!Number.isFinite(value)) throw new OttlRuntimeError(`JSON has no ${plainFloat(value)}`);
      return style.float(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value === null) return 'null';
      if (value instanceof Uint8Array)
        return value.length === 0 ? 'null' : jsonString(Buffer.from(value).toString('base64'), style);
      if (isList(value)) return `[${value.map((each) => writeJson(each, style)).join(',')}]`;
      if (!isMap(value)) throw new OttlRuntimeError(`cannot write ${typeName(value)} as JSON`);
      return `{${[...value]
        .sort(([a], [b]) => orderStrings(a, b))
        .map(([key, each]) => `${jsonString(key, style)}:${writeJson(each, style)}`)
        .join(',')}}`;
  }
}

function jsonString(text: string, { escaped }: JsonStyle): string {
  return JSON.stringify(text).replace(escaped, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
