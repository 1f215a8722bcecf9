import { OttlRuntimeError } from '../ottl-error.ts';
import { expectStorable } from './wire-value.ts';
import { isList, isMap, typeName, type Value } from './value.ts';

/** A key of a map or a place in a list. */
export type Key = string | bigint;

/** Longest list that setting an element of an empty value may make. */
const NEW_LIST_MAX = 10_000n;

/** A step into a value. A missing key is nil; an index beyond the end and an index into a scalar throw. */
export function indexValue(value: Value, key: Key): Value {
  if (isMap(value)) {
    if (typeof key !== 'string') throw new OttlRuntimeError(`pcommon.Map takes a string as key, not ${key}`);
    return value.get(key) ?? null;
  }
  if (isList(value)) return value[place(value, key)];
  throw new OttlRuntimeError(`type ${typeName(value)} does not support indexing, here by ${show(key)}`);
}

/** Steps into a value, one key after the other; a missing key ends it with nil. */
export function indexDeep(value: Value, keys: readonly Key[], from: number): Value {
  let current = value;
  for (let i = from; i < keys.length; i++) {
    if (isMap(current) && typeof keys[i] === 'string' && !current.has(keys[i] as string)) return null;
    current = indexValue(current, keys[i]);
  }
  return current;
}

/**
 * The value with what is under the keys replaced; everything else is shared with it. Missing maps and lists are made on the
 * way. Throws OttlRuntimeError for what cannot be stored.
 */
export function replaceDeep(value: Value | undefined, keys: readonly Key[], from: number, replacement: Value): Value {
  if (from === keys.length) {
    expectStorable(replacement);
    return replacement;
  }
  const key = keys[from];
  if (value === undefined || value === null) {
    if (typeof key === 'string') return new Map([[key, replaceDeep(undefined, keys, from + 1, replacement)]]);
    if (key < 0n || key > NEW_LIST_MAX) throw new OttlRuntimeError(`index ${key} out of bounds`);
    const made = new Array<Value>(Number(key) + 1).fill(null);
    made[Number(key)] = replaceDeep(undefined, keys, from + 1, replacement);
    return made;
  }
  if (isMap(value)) {
    if (typeof key !== 'string') throw new OttlRuntimeError(`pcommon.Map takes a string as key, not ${key}`);
    return new Map(value).set(key, replaceDeep(value.get(key), keys, from + 1, replacement));
  }
  if (isList(value)) {
    const at = place(value, key);
    return value.with(at, replaceDeep(value[at], keys, from + 1, replacement));
  }
  throw new OttlRuntimeError(`type ${typeName(value)} does not support indexing, here by ${show(key)}`);
}

function place(list: readonly Value[], key: Key): number {
  if (typeof key === 'string') throw new OttlRuntimeError(`pcommon.Slice takes an int as index, not ${show(key)}`);
  if (key < 0n || key >= BigInt(list.length)) throw new OttlRuntimeError(`index ${key} out of bounds`);
  return Number(key);
}

function show(key: Key): string {
  return typeof key === 'string' ? JSON.stringify(key) : String(key);
}
