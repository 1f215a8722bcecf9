import { double, type AttributesView, type Key, type ValueField } from '@millrace/otlp';
import { Id } from './id.ts';
import { Duration, Time } from './time.ts';
import { Part, type Value, type ValueMap } from './value.ts';
import { decodeValue, encodeValue, isStorable } from './wire-value.ts';

/** An attribute's value; undefined when there is none. */
export function readAttribute(view: AttributesView, key: Key): Value | undefined {
  // Most are strings; see "one attribute" in benchmarks/micro/ottl.ts.
  const text = view.getString(key);
  if (text !== undefined) return text;
  switch (view.kind(key)) {
    case undefined:
      return undefined;
    case 'int':
      return view.getInt(key)!;
    case 'bool':
    case 'double':
      return view.get(key) as boolean | number;
    case 'empty':
      return null;
    default:
      return decodeValue(view.raw(key)!);
  }
}

export function readAttributes(view: AttributesView): ValueMap {
  const values = new Map<string, Value>();
  for (const name of view.keys()) if (!values.has(name)) values.set(name, decodeValue(view.raw(name)!));
  return values;
}

/** What cannot be an attribute leaves the value that is there; where there is none, an empty one comes to be. */
export function setAttribute(view: AttributesView, key: Key, value: Value): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return view.set(key, value);
    case 'number':
      return view.set(key, double(value));
    default:
      if (isStorable(value)) view.setRaw(key, encodeValue(value));
      else if (!view.has(key)) view.setRaw(key, EMPTY);
  }
}

/** Puts these attributes in place of all others. */
export function writeAttributes(view: AttributesView, entries: ValueMap): void {
  if (view.size > 0) view.clear();
  for (const [name, value] of entries) view.setRaw(name, encodeValue(value));
}

const EMPTY = new Uint8Array(0);

export function readField(field: ValueField): Value {
  switch (field.kind) {
    case 'string':
    case 'bool':
    case 'double':
      return field.value as string | boolean | number;
    case 'int':
      return field.getInt()!;
    case 'empty':
      return null;
    default:
      return decodeValue(field.raw);
  }
}

/** What cannot be a body changes nothing; nil makes it empty. */
export function setField(field: ValueField, value: Value): void {
  if (value === null) {
    if (field.exists) field.delete();
  } else if (typeof value === 'number') {
    field.value = double(value);
  } else if (typeof value !== 'object') {
    field.value = value;
  } else if (!(value instanceof Time || value instanceof Duration || value instanceof Id || value instanceof Part)) {
    field.raw = encodeValue(value);
  }
}
