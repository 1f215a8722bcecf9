/**
 * A value of a record. Whole numbers are bigints and doubles numbers, as OTLP tells them apart; maps keep the order of
 * their keys.
 */
export type Value = null | boolean | string | bigint | number | Uint8Array | readonly Value[] | ValueMap;

export type ValueMap = ReadonlyMap<string, Value>;

export function isMap(value: Value | undefined): value is ValueMap {
  return value instanceof Map;
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether two values are the same. The order of a map's keys does not matter; NaN is itself. */
export function sameValue(left: Value | undefined, right: Value | undefined): boolean {
  if (Object.is(left, right)) return true;
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  if (isList(left)) {
    return isList(right) && left.length === right.length && left.every((item, index) => sameValue(item, right[index]));
  }
  if (!isMap(left) || !isMap(right) || left.size !== right.size) return false;
  return left.entries().every(([key, value]) => right.has(key) && sameValue(value, right.get(key)));
}

/** A value on one line, in a form that shows its type: `"text"`, `5`, `5.0`, `true`, `[1, 2]`, `{"key": "text"}`. */
export function valueText(value: Value): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof Uint8Array) return `base64:${Buffer.from(value).toString('base64')}`;
  if (isList(value)) return `[${value.map(valueText).join(', ')}]`;
  if (isMap(value)) {
    const entries = [...value].map(([key, item]) => `${quote(key)}: ${valueText(item)}`);
    return `{${entries.join(', ')}}`;
  }
  return String(value);
}

/** As YAML reads it back: never like a whole number. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** In double quotes, on one line, without what could command a terminal: telemetry comes from anywhere. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll(UNSAFE, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** What JSON leaves as it is: controls beyond ASCII, line separators, and marks that turn the direction of text. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
