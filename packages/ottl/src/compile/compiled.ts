import type { AttributesView, ByteWriter, Key, ValueField } from '@millrace/otlp';
import type { Value, ValueType } from '../value/value.ts';
import type { Evaluate, Frame } from './frame.ts';

/** A value expression, compiled. Besides `get` it has whatever faster ways there are; users take the fastest that fits. */
export interface Compiled {
  readonly get: Evaluate<Value>;
  /** The value, when it is the same for every record; undefined otherwise. */
  readonly constant?: Value | undefined;
  /** The only type that it has (beside nil), where that is known. */
  readonly type?: ValueType | undefined;
  /** A path that can be written. */
  readonly set?: ((frame: Frame, value: Value) => void) | undefined;
  /** An int that always fits into a number. */
  readonly small?: Evaluate<number> | undefined;
  /** A string that always exists. */
  readonly text?: Evaluate<string> | undefined;
  /** Appends the UTF-8 of a string that always exists. */
  readonly write?: WriteText | undefined;
  /** One attribute, found on the wire. */
  readonly attribute?: { readonly of: Evaluate<AttributesView>; readonly key: Key } | undefined;
  /** A field of type AnyValue on the wire: a body. */
  readonly field?: Evaluate<ValueField> | undefined;
  /** A map of attributes on the wire. */
  readonly attributes?: Evaluate<AttributesView> | undefined;
  /** What a path is called, for messages. */
  readonly name?: string | undefined;
}

/** Appends UTF-8 for the record in the frame; false, with nothing appended, for nil. */
export type WriteText = (frame: Frame, out: ByteWriter) => boolean;

export function constantOf(value: Value, type?: ValueType): Compiled {
  return { get: () => value, constant: value, type };
}
