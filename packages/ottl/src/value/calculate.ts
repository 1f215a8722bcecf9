import { OttlRuntimeError } from '../ottl-error.ts';
import type { MathOperator } from '../parse/syntax-tree.ts';
import { Duration, Time } from './time.ts';
import { typeName, type Value } from './value.ts';

export type Calculation = (a: Value, b: Value) => Value;

/**
 * Two ints give an int that wraps around at 64 bits and is divided towards zero; an int with a float is calculated as floats
 * (as the Collector does, though its language page still promises an error); times and durations add and subtract.
 */
export const CALCULATIONS: Readonly<Record<MathOperator, Calculation>> = {
  '+': (a, b) => {
    if (typeof a === 'bigint' && typeof b === 'bigint') return BigInt.asIntN(64, a + b);
    return areNumbers(a, b) ? Number(a) + Number(b) : addTimes(a, b);
  },
  '-': (a, b) => {
    if (typeof a === 'bigint' && typeof b === 'bigint') return BigInt.asIntN(64, a - b);
    return areNumbers(a, b) ? Number(a) - Number(b) : subtractTimes(a, b);
  },
  '*': (a, b) => {
    if (typeof a === 'bigint' && typeof b === 'bigint') return BigInt.asIntN(64, a * b);
    return areNumbers(a, b) ? Number(a) * Number(b) : refuse(a, b);
  },
  '/': (a, b) => {
    if (!areNumbers(a, b)) return refuse(a, b);
    if (Number(b) === 0) throw new OttlRuntimeError('attempted to divide by 0');
    return typeof a === 'bigint' && typeof b === 'bigint' ? BigInt.asIntN(64, a / b) : Number(a) / Number(b);
  },
};

export function negate(value: Value): Value {
  if (typeof value === 'bigint') return BigInt.asIntN(64, -value);
  if (typeof value === 'number') return -value;
  throw new OttlRuntimeError(`cannot negate ${typeName(value)}: unary minus takes int64 or float64`);
}

function areNumbers(a: Value, b: Value): boolean {
  return (typeof a === 'bigint' || typeof a === 'number') && (typeof b === 'bigint' || typeof b === 'number');
}

function addTimes(a: Value, b: Value): Value {
  if (a instanceof Time && b instanceof Duration) return new Time(a.unixNanos + b.nanos, a.zone);
  if (a instanceof Duration) {
    if (b instanceof Duration) return new Duration(a.nanos + b.nanos);
    if (b instanceof Time) return new Time(b.unixNanos + a.nanos, b.zone);
    throw new OttlRuntimeError(`time.Duration must be added to time.Duration or time.Time, not ${typeName(b)}`);
  }
  if (a instanceof Time) throw new OttlRuntimeError(`time.Time must be added to time.Duration, not ${typeName(b)}`);
  return refuse(a, b);
}

const DURATION_MAX = 2n ** 63n - 1n;

function subtractTimes(a: Value, b: Value): Value {
  if (a instanceof Time) {
    // The distance of times that are too far apart is the longest duration.
    if (b instanceof Time) return new Duration(clamp(a.unixNanos - b.unixNanos));
    if (b instanceof Duration) return new Time(a.unixNanos - b.nanos, a.zone);
    throw new OttlRuntimeError(`time.Time or time.Duration must be subtracted from time.Time, not ${typeName(b)}`);
  }
  if (a instanceof Duration) {
    if (b instanceof Duration) return new Duration(a.nanos - b.nanos);
    throw new OttlRuntimeError(`time.Duration must be subtracted from time.Duration, not ${typeName(b)}`);
  }
  return refuse(a, b);
}

function clamp(nanos: bigint): bigint {
  return nanos > DURATION_MAX ? DURATION_MAX : nanos < -DURATION_MAX - 1n ? -DURATION_MAX - 1n : nanos;
}

function refuse(a: Value, b: Value): never {
  if (a instanceof Time || a instanceof Duration)
    throw new OttlRuntimeError('only addition and subtraction are supported for time.Time and time.Duration');
  if (typeof a !== 'bigint' && typeof a !== 'number')
    throw new OttlRuntimeError(`${typeName(a)} must be int64, float64, time.Time or time.Duration`);
  throw new OttlRuntimeError(`${typeName(b)} must be int64 or float64`);
}
