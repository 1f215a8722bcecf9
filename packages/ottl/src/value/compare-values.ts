import type { CompareOperator } from '../parse/syntax-tree.ts';
import { Id } from './id.ts';
import { Duration, Time } from './time.ts';
import { Part, type Value, type ValueMap } from './value.ts';

/** Compares by OTTL's matrix of types: values of types that do not compare are "not equal", and neither less nor more. */
export type Comparison = (a: Value, b: Value) => boolean;

/*
 * nil <= nil and nil >= nil are true, and bytes have an order: so the Collector does it, beyond its table.
 */
export const COMPARISONS: Readonly<Record<CompareOperator, Comparison>> = {
  '==': (a, b) => areEqual(a, b),
  '!=': (a, b) => !areEqual(a, b),
  '<': (a, b) => order(a, b) < 0,
  '<=': (a, b) => order(a, b) <= 0,
  '>': (a, b) => order(a, b) > 0,
  '>=': (a, b) => order(a, b) >= 0,
};

/** The same comparison with its sides changed: a < b is b > a. */
export const MIRRORED: Readonly<Record<CompareOperator, CompareOperator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** Equality of two values of a comparison: an int and a float compare as floats. */
export function areEqual(a: Value, b: Value): boolean {
  if (typeof a === 'bigint' && typeof b === 'number') return Number(a) === b;
  if (typeof a === 'number' && typeof b === 'bigint') return a === Number(b);
  return isSame(a, b);
}

/** Equality of values inside of maps and lists: an int never equals a float. The order of a map's keys does not count. */
export function isSame(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (Array.isArray(a)) return Array.isArray(b) && sameLists(a as readonly Value[], b as readonly Value[]);
  if (a instanceof Map) return b instanceof Map && sameMaps(a as ValueMap, b as ValueMap);
  if (a instanceof Time) return b instanceof Time && a.unixNanos === b.unixNanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Id) return b instanceof Id && a.kind === b.kind && a.hex === b.hex;
  return a instanceof Part && b instanceof Part && a.type === b.type && a.owner === b.owner;
}

function sameLists(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((each, i) => isSame(each, b[i]));
}

function sameMaps(a: ValueMap, b: ValueMap): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !isSame(value, other)) return false;
  }
  return true;
}

/** Less than, equal to or greater than 0; NaN where the two have no order. */
export function order(a: Value, b: Value): number {
  switch (typeof a) {
    case 'bigint':
      if (typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
      return typeof b === 'number' ? orderNumbers(Number(a), b) : NaN;
    case 'number':
      if (typeof b === 'number') return orderNumbers(a, b);
      return typeof b === 'bigint' ? orderNumbers(a, Number(b)) : NaN;
    case 'string':
      return typeof b === 'string' ? orderStrings(a, b) : NaN;
    case 'boolean':
      return typeof b === 'boolean' ? Number(a) - Number(b) : NaN;
    default:
      if (a === null) return b === null ? 0 : NaN;
      if (a instanceof Uint8Array) return b instanceof Uint8Array ? Buffer.compare(a, b) : NaN;
      if (a instanceof Time) return b instanceof Time ? order(a.unixNanos, b.unixNanos) : NaN;
      if (a instanceof Duration) return b instanceof Duration ? order(a.nanos, b.nanos) : NaN;
      return NaN;
  }
}

function orderNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : NaN;
}

/** As Go compares strings: byte by byte of their UTF-8, which is the order of code points and not that of UTF-16. */
export function orderStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
