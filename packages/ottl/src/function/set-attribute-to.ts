import { EncodedAttribute } from '@millrace/otlp';
import type { Evaluate } from '../compile/frame.ts';
import type { Value } from '../value/value.ts';
import { encodeValue } from '../value/wire-value.ts';
import type { Getter } from './getter.ts';
import type { PathTarget } from './parameters.ts';

/** Sets an attribute to a constant, to another attribute or to a string that can be written, without decoding or encoding it; everything else, and nil, by `set`. */
export function setAttributeTo(target: PathTarget, value: Getter<Value>, set: Evaluate<void>): Evaluate<void> {
  const { attribute: to } = target;
  const { attribute: from, constant, write } = value;
  if (to === undefined) return set;
  if (constant !== undefined && typeof constant !== 'object') {
    const encoded = new EncodedAttribute(to.key, encodeValue(constant));
    return (frame) => to.of(frame).put(encoded);
  }
  if (write !== undefined) return (frame) => to.of(frame).setText(to.key, write, frame);
  if (from === undefined) return set;
  return (frame) => {
    if (!to.of(frame).setFrom(to.key, from.of(frame), from.key)) set(frame);
  };
}
