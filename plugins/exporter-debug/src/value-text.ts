import type { AnyValue, AttributesView, ValueKind } from '@millrace/otlp';

/** A value as text: strings as they are, lists and maps as JSON, bytes as base64. */
export function valueText(value: AnyValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'object' ? jsonOf(value) : String(value);
}

/** A value with its type: `Str(text)`. */
export function typedText(kind: ValueKind | undefined, value: AnyValue): string {
  return `${TYPE_NAMES[kind ?? 'empty']}(${valueText(value)})`;
}

/** `key=value` of each attribute. */
export function assignments(attributes: AttributesView): string[] {
  return Array.from(attributes.entries(), ([key, value]) => `${key}=${valueText(value)}`);
}

/** JSON with keys in order, as Go's encoder writes it, and with exact integers. */
function jsonOf(value: AnyValue): string {
  if (typeof value === 'bigint') return String(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (value instanceof Uint8Array) return JSON.stringify(valueText(value));
  if (isList(value)) return `[${value.map(jsonOf).join(',')}]`;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, element]) => `${JSON.stringify(key)}:${jsonOf(element)}`).join(',')}}`;
}

function isList(value: object): value is readonly AnyValue[] {
  return Array.isArray(value);
}

const TYPE_NAMES: Readonly<Record<ValueKind, string>> = {
  string: 'Str',
  bool: 'Bool',
  int: 'Int',
  double: 'Double',
  array: 'Slice',
  kvlist: 'Map',
  bytes: 'Bytes',
  empty: 'Empty',
};
