/**
 * Hand-written walkers of the messages that all signals share. They say only yes, odd or no (see OK, ODD, BAD); `inspect`
 * says where. Specialised code instead of a table interpreter because this runs over every byte that comes in:
 * benchmarks/micro/validate compares the two.
 *
 * Every walker gets `end <= bytes.length` and reads nothing at or beyond `end`.
 */
import { isAsciiInView, isUtf8InView } from './utf8.ts';

/** Valid. Results are combined with `|`. */
export const OK = 0;
/** Valid, but not in canonical shape: `normalize` has to rewrite it. */
export const ODD = 1;
/** Invalid. */
export const BAD = 2;

/** Between messages: none is kept alive. */
export const NO_VIEW: DataView = new DataView(new ArrayBuffer(0));

/** What the reads below leave beside the position that they return; one at a time, read at once. */
export const scan = {
  /** The tag or length that was read. */
  value: 0,
  /** Deepest nesting of messages that is accepted. */
  depthMax: 0,
  /** Items counted so far. */
  items: 0,
  /** The message, for reads of several bytes. */
  view: NO_VIEW,
};

/** Reads a length; returns where its content begins, or -1 when it is malformed or leads beyond `end`. */
export function lengthAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let value = 0;
  let scale = 1;
  for (const limit = Math.min(end, start + 10); at < limit; scale *= 128) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      scan.value = value;
      return at + value <= end ? at : -1;
    }
  }
  return -1;
}

/** Reads the rest of a tag whose first byte was 0x80 or more; returns the position behind it, or -1. */
export function longTagAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let value = 0;
  let scale = 1;
  for (const limit = Math.min(end, start + 5); at < limit; scale *= 128) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      scan.value = value;
      return value <= 0xffff_ffff ? at : -1;
    }
  }
  return -1;
}

/** Where the varint at `start` ends, or -1: at most ten bytes, 64 bits. */
export function varintEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (const limit = Math.min(end, start + 9); at < limit; at++) if (bytes[at] < 0x80) return at + 1;
  return at < end && at === start + 9 && bytes[at] <= 1 ? at + 1 : -1;
}

/** Passes over a field that no table knows; -1 when it is malformed, a group, or has field number 0. */
export function skipUnknown(bytes: Uint8Array, start: number, end: number, tag: number): number {
  if (tag < 8) return -1;
  switch (tag & 7) {
    case 0:
      return varintEnd(bytes, start, end);
    case 1:
      return start + 8 <= end ? start + 8 : -1;
    case 2: {
      const from = lengthAt(bytes, start, end);
      return from === -1 ? -1 : from + scan.value;
    }
    case 5:
      return start + 4 <= end ? start + 4 : -1;
    default:
      return -1;
  }
}

/** Where packed varints end, when they fill their length exactly; else -1. */
export function packedVarintsEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at !== -1 && at < end) at = varintEnd(bytes, at, end);
  return at;
}

/** KeyValue: 1 key string, 2 value AnyValue. */
export function keyValue(bytes: Uint8Array, start: number, end: number, depth: number): number {
  if (depth > scan.depthMax) return BAD;
  // The shape that every SDK writes: key, value, both with one length byte, and nothing else.
  if (end - start >= 4 && bytes[start] === 0x0a) {
    const keyEnd = start + 2 + bytes[start + 1];
    if (keyEnd + 1 < end && bytes[keyEnd] === 0x12 && keyEnd + 2 + bytes[keyEnd + 1] === end) {
      // Values over 127 bytes cannot be told from a longer length here; the loop below takes them.
      if ((bytes[start + 1] | bytes[keyEnd + 1]) < 0x80) {
        // Of a text value all tags and lengths are ASCII, too: one look over everything is enough.
        if (bytes[keyEnd + 1] >= 2 && bytes[keyEnd + 2] === 0x0a && keyEnd + 4 + bytes[keyEnd + 3] === end) {
          if (depth < scan.depthMax && isAsciiInView(scan.view, start, end)) return OK;
        }
        return isUtf8InView(bytes, scan.view, start + 2, keyEnd) ? anyValue(bytes, keyEnd + 2, end, depth + 1) : BAD;
      }
    }
  }
  let at = start;
  let seen = 0;
  let result = OK;
  while (at < end) {
    let tag = bytes[at++];
    if (tag > 0x7f) {
      at = longTagAt(bytes, at - 1, end);
      if (at === -1) return BAD;
      tag = scan.value;
      if (bytes[at - 1] === 0 && tag >>> 3 <= 2) result = ODD;
    }
    if (tag === 0x0a || tag === 0x12) {
      let length = at < end ? bytes[at] : 0x80;
      if (length < 0x80) {
        at++;
        if (at + length > end) return BAD;
      } else {
        at = lengthAt(bytes, at, end);
        if (at === -1) return BAD;
        length = scan.value;
      }
      if (seen & tag & 0x18) result |= ODD;
      seen |= tag & 0x18;
      if (tag === 0x0a) {
        if (!isUtf8InView(bytes, scan.view, at, at + length)) return BAD;
      } else {
        result |= anyValue(bytes, at, at + length, depth + 1);
        if (result & BAD) return BAD;
      }
      at += length;
    } else {
      if (tag >>> 3 <= 2) return BAD;
      at = skipUnknown(bytes, at, end, tag);
      if (at === -1) return BAD;
    }
  }
  return result;
}

/** AnyValue: a oneof of 1 string, 2 bool, 3 int64, 4 double, 5 ArrayValue, 6 KeyValueList, 7 bytes. */
export function anyValue(bytes: Uint8Array, start: number, end: number, depth: number): number {
  if (depth > scan.depthMax) return BAD;
  // Likewise: one text with one length byte.
  if (end - start >= 2 && bytes[start] === 0x0a && bytes[start + 1] < 0x80 && start + 2 + bytes[start + 1] === end) {
    return isUtf8InView(bytes, scan.view, start + 2, end) ? OK : BAD;
  }
  let at = start;
  let seen = 0;
  let result = OK;
  while (at < end) {
    let tag = bytes[at++];
    if (tag > 0x7f) {
      at = longTagAt(bytes, at - 1, end);
      if (at === -1) return BAD;
      tag = scan.value;
      if (bytes[at - 1] === 0 && tag >>> 3 <= 7) result |= ODD;
    }
    if (tag === 0x10 || tag === 0x18) {
      at = varintEnd(bytes, at, end);
      if (at === -1) return BAD;
    } else if (tag === 0x21) {
      at += 8;
      if (at > end) return BAD;
    } else if (tag === 0x0a || tag === 0x2a || tag === 0x32 || tag === 0x3a) {
      let length = at < end ? bytes[at] : 0x80;
      if (length < 0x80) {
        at++;
        if (at + length > end) return BAD;
      } else {
        at = lengthAt(bytes, at, end);
        if (at === -1) return BAD;
        length = scan.value;
      }
      if (tag === 0x0a) {
        if (!isUtf8InView(bytes, scan.view, at, at + length)) return BAD;
      } else if (tag !== 0x3a) {
        result |= values(bytes, at, at + length, depth + 1, tag === 0x2a);
        if (result & BAD) return BAD;
      }
      at += length;
    } else {
      if (tag >>> 3 <= 7) return BAD;
      at = skipUnknown(bytes, at, end, tag);
      if (at === -1) return BAD;
      continue;
    }
    result |= seen;
    seen = ODD;
  }
  return result;
}

/** ArrayValue and KeyValueList: 1 values, repeated. */
function values(bytes: Uint8Array, start: number, end: number, depth: number, isArray: boolean): number {
  if (depth > scan.depthMax) return BAD;
  let at = start;
  let result = OK;
  while (at < end) {
    let tag = bytes[at++];
    if (tag > 0x7f) {
      at = longTagAt(bytes, at - 1, end);
      if (at === -1) return BAD;
      tag = scan.value;
      if (bytes[at - 1] === 0 && tag >>> 3 === 1) result |= ODD;
    }
    if (tag === 0x0a) {
      at = lengthAt(bytes, at, end);
      if (at === -1) return BAD;
      const to = at + scan.value;
      result |= isArray ? anyValue(bytes, at, to, depth + 1) : keyValue(bytes, at, to, depth + 1);
      if (result & BAD) return BAD;
      at = to;
    } else {
      if (tag >>> 3 === 1) return BAD;
      at = skipUnknown(bytes, at, end, tag);
      if (at === -1) return BAD;
    }
  }
  return result;
}
