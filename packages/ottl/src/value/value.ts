import { Id } from './id.ts';
import { Duration, Time } from './time.ts';

/**
 * A value while statements run. int64 is `bigint` (always within 64 bits), float64 is `number`: so the two are never mixed up.
 * nil is `null`, never undefined. Maps keep their order.
 *
 * Values are never changed once they exist: who wants another map or list makes one. So constants, caches and results can be
 * shared without copies.
 */
export type Value =
  string | bigint | number | boolean | null | Uint8Array | Time | Duration | Id | Part | readonly Value[] | ValueMap;

export type ValueMap = ReadonlyMap<string, Value>;

/** A piece of telemetry that is handed around as it is: the events of a span, the data points of a metric. */
export class Part {
  /** What it is called in pdata, for messages: "ptrace.SpanEventSlice". */
  readonly type: string;
  /** The view that it belongs to. */
  readonly owner: object;
  /** Undefined for what has no length. */
  readonly length: number | undefined;

  constructor(type: string, owner: object, length?: number) {
    this.type = type;
    this.owner = owner;
    this.length = length;
  }
}

export type ValueType =
  'string' | 'int' | 'float' | 'bool' | 'nil' | 'bytes' | 'time' | 'duration' | 'id' | 'part' | 'list' | 'map';

export function typeOf(value: Value): ValueType {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    case 'boolean':
      return 'bool';
    default:
      if (value === null) return 'nil';
      if (value instanceof Map) return 'map';
      if (Array.isArray(value)) return 'list';
      if (value instanceof Uint8Array) return 'bytes';
      if (value instanceof Time) return 'time';
      if (value instanceof Duration) return 'duration';
      return value instanceof Id ? 'id' : 'part';
  }
}

const NAMES: Readonly<Record<ValueType, string>> = {
  string: 'string',
  int: 'int64',
  float: 'float64',
  bool: 'bool',
  nil: 'nil',
  bytes: '[]byte',
  time: 'time.Time',
  duration: 'time.Duration',
  id: 'id',
  part: 'part',
  list: 'pcommon.Slice',
  map: 'pcommon.Map',
};

const ID_NAMES = { trace: 'pcommon.TraceID', span: 'pcommon.SpanID', profile: 'pprofile.ProfileID' };

/** What the Collector calls the type of a value: "int64", "pcommon.Map". */
export function typeName(value: Value): string {
  if (value instanceof Id) return ID_NAMES[value.kind];
  if (value instanceof Part) return value.type;
  return NAMES[typeOf(value)];
}

export function typeNameOf(type: ValueType): string {
  return NAMES[type];
}

export function isMap(value: Value): value is ValueMap {
  return value instanceof Map;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** An int64 as it wraps around in Go. */
export function wrapInt(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
