import type { Compiled } from '../compile/compiled.ts';
import type { Evaluate, Frame } from '../compile/frame.ts';
import type { Value } from '../value/value.ts';

/** An argument that is read for each record: call it with the frame. It throws OttlRuntimeError when its type does not fit. */
export interface Getter<T extends Value> {
  (frame: Frame): T;
  /** The value, when it is the same for every record: do once what depends on it alone. Undefined otherwise. */
  readonly constant: T | undefined;
  /** The attribute that it is, or that it converts. */
  readonly attribute?: Compiled['attribute'];
  /** Of a string: writes it without making it. */
  readonly write?: Compiled['write'];
}

export function makeGetter<T extends Value>(get: Evaluate<T>, constant?: T): Getter<T> {
  return Object.assign((frame: Frame) => get(frame), { constant });
}

/** A getter for a value that is there already. */
export function constantGetter<T extends Value>(value: T): Getter<T> {
  return Object.assign(() => value, { constant: value });
}

/** A getter that converts and checks what `compiled` gives. A constant that does not fit stays to throw when it is read. */
export function convertGetter<T extends Value>(compiled: Compiled, convert: (value: Value) => T): Getter<T> {
  const { get, constant } = compiled;
  if (constant !== undefined) {
    try {
      return constantGetter(convert(constant));
    } catch {
      // As for a value that is not constant, the error mode decides.
    }
  }
  return Object.assign((frame: Frame) => convert(get(frame)), { constant: undefined, attribute: compiled.attribute });
}

/**
 * What `compute` makes of an argument: once when that is constant, else again whenever it has changed since the last record.
 * For patterns, layouts and the like. A failure for a constant is thrown at once, so that it is found at the start.
 */
export function derived<T extends Value, R>(getter: Getter<T>, compute: (value: T) => R): Evaluate<R> {
  if (getter.constant !== undefined) {
    const result = compute(getter.constant);
    return () => result;
  }
  let last: { readonly value: T; readonly result: R } | undefined;
  return (frame) => {
    const value = getter(frame);
    if (last === undefined || last.value !== value) last = { value, result: compute(value) };
    return last.result;
  };
}
