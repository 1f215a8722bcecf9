import { OttlRuntimeError } from '../ottl-error.ts';
import { typeName, wrapInt, type Value } from './value.ts';

/* What the ...Like parameters of functions take beside their own type. nil stays nil; what does not convert throws. */

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

export function toIntLike(value: Value): bigint | null {
  switch (typeof value) {
    case 'bigint':
      return value;
    case 'number':
      return truncate(value);
    case 'string':
      return parseInt64(value) ?? refuse(value, 'an int');
    case 'boolean':
      return value ? 1n : 0n;
    default:
      return value === null ? null : refuse(value, 'an int');
  }
}

export function toFloatLike(value: Value): number | null {
  switch (typeof value) {
    case 'number':
      return value;
    case 'bigint':
      return Number(value);
    case 'string':
      return parseFloat64(value) ?? refuse(value, 'a float');
    case 'boolean':
      return value ? 1 : 0;
    default:
      return value === null ? null : refuse(value, 'a float');
  }
}

export function toBoolLike(value: Value): boolean | null {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'bigint':
      return value !== 0n;
    case 'number':
      return value !== 0;
    case 'string':
      return parseBool(value) ?? refuse(value, 'a bool');
    default:
      return value === null ? null : refuse(value, 'a bool');
  }
}

/** Numbers become their eight bytes, the highest first. */
export function toBytesLike(value: Value): Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Uint8Array.from(Buffer.from(value));
  if (typeof value === 'boolean') return Uint8Array.of(value ? 1 : 0);
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  if (typeof value === 'bigint') view.setBigInt64(0, value);
  else if (typeof value === 'number') view.setFloat64(0, value);
  else refuse(value, 'bytes');
  return bytes;
}

/** Towards zero. What does not fit becomes the smallest int64, as on the machines that Go mostly runs on. */
export function truncate(value: number): bigint {
  if (!Number.isFinite(value)) return INT64_MIN;
  const whole = BigInt(Math.trunc(value));
  return whole > INT64_MAX || whole < INT64_MIN ? INT64_MIN : wrapInt(whole);
}

/** A decimal int64 with nothing around it, Go's ParseInt(text, 10, 64); undefined for anything else. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,40}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value > INT64_MAX || value < INT64_MIN ? undefined : value;
}

/** Go's ParseFloat(text, 64); undefined for what it does not take. */
export function parseFloat64(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) return /nan/i.test(special[2]) ? NaN : special[1] === '-' ? -Infinity : Infinity;
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const hex = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d{1,5})$/.exec(text);
  if (hex === null || hex[2].length + hex[3].length === 0 || hex[2].length + hex[3].length > 64) return undefined;
  const mantissa = Number(BigInt(`0x${hex[2]}${hex[3]}`)) * 2 ** (Number(hex[4]) - 4 * hex[3].length);
  return hex[1] === '-' ? -mantissa : mantissa;
}

const BOOLS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false])),
};

/** Go's ParseBool. */
export function parseBool(text: string): boolean | undefined {
  return Object.hasOwn(BOOLS, text) ? BOOLS[text] : undefined;
}

function refuse(value: Value, what: string): never {
  const shown = typeof value === 'string' ? ` ${JSON.stringify(value.slice(0, 60))}` : '';
  throw new OttlRuntimeError(`cannot make ${what} of ${typeName(value)}${shown}`);
}
