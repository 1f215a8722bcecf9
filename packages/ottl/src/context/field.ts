import type { AttributesView, ValueField } from '@millrace/otlp';
import { OttlRuntimeError } from '../ottl-error.ts';
import { readAttributes, readField, setField, writeAttributes } from '../value/attribute-values.ts';
import { Id, ID_BYTES, type IdKind } from '../value/id.ts';
import { Time } from '../value/time.ts';
import { isMap, Part, typeName, typeNameOf, type Value, type ValueType } from '../value/value.ts';

/** One path of a context, without its prefix: what it reads and writes on a view. */
export interface Field<View> {
  /** The type as the reference shows it. */
  readonly shown: string;
  /** The only type that it has beside nil, if there is one. */
  readonly type: ValueType | undefined;
  readonly get: (view: View) => Value;
  /** Throws OttlRuntimeError for values of other types. Absent for what cannot be written. */
  readonly set?: ((view: View, value: Value) => void) | undefined;
  /* The fast ways: see Compiled. */
  readonly small?: ((view: View) => number) | undefined;
  readonly text?: ((view: View) => string) | undefined;
  readonly attributes?: ((view: View) => AttributesView) | undefined;
  readonly field?: ((view: View) => ValueField) | undefined;
  /** Whether it takes keys in brackets. */
  readonly isIndexable?: boolean;
  /** Reads and writes one entry, where that is not a step into a map: `trace_state["key"]`. */
  readonly entry?: {
    readonly get: (view: View, key: string) => Value;
    readonly set: (view: View, key: string, value: Value) => void;
  };
}

/** The paths of a view by their names: `status.code`. */
export type PathTable<View> = Readonly<Record<string, Field<View>>>;

/** Names of a view's properties that have this type. */
type PropertyOf<View, T> = { [K in keyof View]-?: View[K] extends T ? K : never }[keyof View] & string;

/** A view whose property of this name is of this type: what PropertyOf has checked. */
type Writable<T> = Record<string, T>;

/** The value itself, when it is of the type that a field takes. */
export function expectType(value: Value, type: ValueType, is: boolean): void {
  if (is) return;
  if (value === null) throw new OttlRuntimeError('setting a value to nil is not supported');
  throw new OttlRuntimeError(`expects ${typeNameOf(type)} but got ${typeName(value)}`);
}

export function stringField<View>(name: PropertyOf<View, string>): Field<View> {
  const text = (view: View): string => view[name] as string;
  return {
    shown: 'string',
    type: 'string',
    get: text,
    text,
    set: (view, value) => {
      expectType(value, 'string', typeof value === 'string');
      (view as Writable<string>)[name] = value as string;
    },
  };
}

/** A field of 32 bits; larger numbers are cut off, as in Go. */
export function int32Field<View>(name: PropertyOf<View, number>, sign: 'signed' | 'unsigned'): Field<View> {
  const small = (view: View): number => view[name] as number;
  return {
    shown: 'int64',
    type: 'int',
    get: (view) => BigInt(view[name] as number),
    small,
    set: (view, value) => {
      expectType(value, 'int', typeof value === 'bigint');
      const cut = sign === 'signed' ? BigInt.asIntN(32, value as bigint) : BigInt.asUintN(32, value as bigint);
      (view as Writable<number>)[name] = Number(cut);
    },
  };
}

/** A field of nanoseconds since 1970 as an int64. */
export function nanosField<View>(name: PropertyOf<View, bigint>): Field<View> {
  return {
    shown: 'int64',
    type: 'int',
    get: (view) => BigInt.asIntN(64, view[name] as bigint),
    set: (view, value) => {
      expectType(value, 'int', typeof value === 'bigint');
      (view as Writable<bigint>)[name] = BigInt.asUintN(64, value as bigint);
    },
  };
}

/** The same field as a time. */
export function timeField<View>(name: PropertyOf<View, bigint>): Field<View> {
  return {
    shown: 'time.Time',
    type: 'time',
    get: (view) => new Time(view[name] as bigint),
    set: (view, value) => {
      expectType(value, 'time', value instanceof Time);
      (view as Writable<bigint>)[name] = BigInt.asUintN(64, (value as Time).unixNanos);
    },
  };
}

const ID_TYPES: Readonly<Record<IdKind, string>> = {
  trace: 'pcommon.TraceID',
  span: 'pcommon.SpanID',
  profile: 'pprofile.ProfileID',
};

/** An id of a view that shows ids as hex. All zeros removes it. */
export function idField<View>(name: PropertyOf<View, string>, kind: IdKind): Field<View> {
  return {
    shown: ID_TYPES[kind],
    type: 'id',
    get: (view) => Id.of(kind, view[name] as string),
    set: (view, value) => {
      if (value === null) throw new OttlRuntimeError('setting a value to nil is not supported');
      if (!(value instanceof Id) || value.kind !== kind)
        throw new OttlRuntimeError(`expects ${ID_TYPES[kind]} but got ${typeName(value)}`);
      (view as Writable<string>)[name] = value.isEmpty ? '' : value.hex;
    },
  };
}

/** The same id as hex. */
export function idTextField<View>(name: PropertyOf<View, string>, kind: IdKind): Field<View> {
  const text = (view: View): string => Id.of(kind, view[name] as string).hex;
  const digits = ID_BYTES[kind] * 2;
  return {
    shown: 'string',
    type: 'string',
    get: text,
    text,
    set: (view, value) => {
      expectType(value, 'string', typeof value === 'string');
      const hex = (value as string).toLowerCase();
      if (hex.length !== digits || !/^[0-9a-f]+$/.test(hex))
        throw new OttlRuntimeError(`${kind} ids must be ${digits} hex characters`);
      (view as Writable<string>)[name] = /^0+$/.test(hex) ? '' : hex;
    },
  };
}

/** A map of attributes. Setting it takes a map; nil makes it empty. */
export function attributesField<View>(name: PropertyOf<View, AttributesView>): Field<View> {
  const attributes = (view: View): AttributesView => view[name] as AttributesView;
  return {
    shown: 'pcommon.Map',
    type: 'map',
    isIndexable: true,
    attributes,
    get: (view) => readAttributes(attributes(view)),
    set: (view, value) => {
      if (isMap(value)) writeAttributes(attributes(view), value);
      else if (value !== null) throw new OttlRuntimeError(`expects pcommon.Map but got ${typeName(value)}`);
      else if (attributes(view).size > 0) attributes(view).clear();
    },
  };
}

/** A field of type AnyValue. */
export function anyValueField<View>(name: PropertyOf<View, ValueField>): Field<View> {
  const field = (view: View): ValueField => view[name] as ValueField;
  return {
    shown: 'any',
    type: undefined,
    isIndexable: true,
    field,
    get: (view) => readField(field(view)),
    set: (view, value) => setField(field(view), value),
  };
}

/** Something that is handed around as a whole; it can only be set to itself. */
export function partField<View extends object>(type: string, length: (view: View) => number | undefined): Field<View> {
  return {
    shown: type,
    type: 'part',
    get: (view) => new Part(type, view, length(view)),
    set: (view, value) => {
      if (value === null) throw new OttlRuntimeError('setting a value to nil is not supported');
      if (!(value instanceof Part) || value.type !== type)
        throw new OttlRuntimeError(`expects ${type} but got ${typeName(value)}`);
      if (value.owner !== view) throw new OttlRuntimeError(`cannot take ${type} over from another item`);
    },
  };
}
