import { ByteWriter } from './byte-writer.ts';
import { LEN, skipField, tagAt, varintEnd } from './wire.ts';

/** Which fields of a message are children: one bit for every field number. */
export type ChildMask = number;

/** Whether a field with this tag is a child. */
export function isChild(tag: number, mask: ChildMask): boolean {
  return (tag & 7) === LEN && tag < 256 && ((mask >>> (tag >>> 3)) & 1) === 1;
}

/** Appends the children, or all that are not, of the message body `[start, end)`. */
export function copyFields(
  source: Uint8Array,
  range: { readonly start: number; readonly end: number },
  which: { readonly mask: ChildMask; readonly children: boolean },
  out: ByteWriter,
): void {
  const { end } = range;
  let pos = range.start;
  while (pos < end) {
    const fieldStart = pos;
    const tag = tagAt(source, pos, end);
    pos = skipField(source, varintEnd(source, pos, end), end, tag);
    if (isChild(tag, which.mask) === which.children) out.append(source, fieldStart, pos);
  }
}

/** The message body `[start, end)` without its children. */
export function headerOf(source: Uint8Array, start: number, end: number, mask: ChildMask): Uint8Array {
  const header = new ByteWriter();
  copyFields(source, { start, end }, { mask, children: false }, header);
  return header.take();
}

export function countChildren(source: Uint8Array, start: number, end: number, mask: ChildMask): number {
  let count = 0;
  let pos = start;
  while (pos < end) {
    const tag = tagAt(source, pos, end);
    pos = skipField(source, varintEnd(source, pos, end), end, tag);
    if (isChild(tag, mask)) count++;
  }
  return count;
}

/** From the first child to the end of the last, or null when there is none or other fields lie between them. */
export function childRange(
  source: Uint8Array,
  start: number,
  end: number,
  mask: ChildMask,
): { readonly start: number; readonly end: number } | null {
  let first = -1;
  let last = -1;
  let pos = start;
  while (pos < end) {
    const fieldStart = pos;
    const tag = tagAt(source, pos, end);
    pos = skipField(source, varintEnd(source, pos, end), end, tag);
    if (!isChild(tag, mask)) continue;
    if (first < 0) first = fieldStart;
    else if (fieldStart !== last) return null;
    last = pos;
  }
  return first < 0 ? null : { start: first, end: last };
}
