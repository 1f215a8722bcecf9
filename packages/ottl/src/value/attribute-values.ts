import { double, key, type AttributesView, type Key, type ValueField } from '@millrace/otlp';
import type { Value, ValueMap } from './value.ts';
import { decodeValue, encodeValue, expectStorable } from './wire-value.ts';

/** An attribute's value; undefined when there is none. */
export function readAttribute(view: AttributesView, key: Key): Value | undefined {
  return view.decode(key, decodeValue);
}

export function readAttributes(view: AttributesView): ValueMap {
  const values = new Map<string, Value>();
  for (const name of view.keys()) if (!values.has(name)) values.set(name, readAttribute(view, key(name))!);
  return values;
}

/** nil makes an empty value. Throws OttlRuntimeError for what cannot be an attribute. */
export function setAttribute(view: AttributesView, key: Key, value: Value): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return view.set(key, value);
    case 'number':
      return view.set(key, double(value));
    default:
      expectStorable(value);
      view.setRaw(key, encodeValue(value));
  }
}

/** Puts these attributes in place of all others. */
export function writeAttributes(view: AttributesView, entries: ValueMap): void {
  if (view.size > 0) view.clear();
  for (const [name, value] of entries) view.setRaw(name, encodeValue(value));
}

export function readField(field: ValueField): Value {
  return field.decode(decodeValue);
}

/** nil makes it empty. Throws OttlRuntimeError for what cannot be a body. */
export function setField(field: ValueField, value: Value): void {
  if (value === null) {
    if (field.exists) field.delete();
  } else if (typeof value === 'number') {
    field.value = double(value);
  } else if (typeof value !== 'object') {
    field.value = value;
  } else {
    expectStorable(value);
    field.raw = encodeValue(value);
  }
}
