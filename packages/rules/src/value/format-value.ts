import type { AnyValue } from '@millrace/otlp';

/**
 * A value as text, as the Collector's `AsString` writes it: strings as they are, '' for an empty value, base64 for bytes, JSON for
 * arrays and maps (keys in the order of their bytes; '' where a number has no JSON).
 */
export function formatValue(value: AnyValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? formatNumber(value) : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'object') {
    return hasNoJson(value) ? '' : formatJson(value);
  }
  return String(value);
}

/** A double in plain digits, without an exponent, as the Collector gives it to regular expressions. */
export function formatPlainDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const text = formatNumber(value);
  const [mantissa, exponent] = text.split('e');
  if (exponent === undefined) return text;
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole, fraction = ''] = mantissa.slice(sign.length).split('.');
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}

function formatNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function hasNoJson(value: AnyValue): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return false;
  return Object.values(value).some((each) => hasNoJson(each));
}

function formatJson(value: AnyValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object') return typeof value === 'number' ? formatNumber(value) : String(value);
  if (value instanceof Uint8Array) return quote(Buffer.from(value).toString('base64'));
  if (Array.isArray(value)) return `[${value.map((each: AnyValue) => formatJson(each)).join(',')}]`;
  const fields = Object.entries(value as Readonly<Record<string, AnyValue>>);
  fields.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${fields.map(([key, each]) => `${quote(key)}:${formatJson(each)}`).join(',')}}`;
}

/** JSON as Go writes it: with the two line separators escaped. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
