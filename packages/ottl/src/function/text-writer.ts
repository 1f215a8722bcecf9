import type { WriteText } from '../compile/compiled.ts';
import type { Getter } from './getter.ts';

/** How to write what a `stringLike` argument is: a string attribute is copied, and a constant was encoded before. */
export function textWriter(getter: Getter<string> | Getter<string | null>): WriteText {
  const { attribute, constant } = getter;
  if (typeof constant === 'string') {
    const bytes = new TextEncoder().encode(constant);
    return (_, out) => {
      out.append(bytes);
      return true;
    };
  }
  const append: WriteText = (frame, out) => {
    const text = getter(frame);
    if (text !== null) out.text(text);
    return text !== null;
  };
  if (attribute === undefined) return append;
  const { of, key } = attribute;
  return (frame, out) => of(frame).appendText(key, out) || append(frame, out);
}
