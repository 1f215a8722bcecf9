/** Attributes and their values: most of all JSON, so they have code of their own instead of a plan. */
import { InvalidMessage } from './invalid-message.ts';
import { MERGE_FIRST, payload } from './json-encode-wire.ts';
import type { JsonText } from './json-text.ts';
import { DEPTH_MAX } from './validate.ts';
import { double, skipField, tagAt, varintEnd } from './wire.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const KEY = ascii('{"key":');
const VALUE = ascii(',"value":');
const VALUE_ONLY = ascii('{"value":');
const STRING = ascii('{"stringValue":');
const INT = ascii('{"intValue":');
const DOUBLE = ascii('{"doubleValue":');
const TRUE = ascii('{"boolValue":true');
const FALSE = ascii('{"boolValue":false');
const BYTES = ascii('{"bytesValue":');
const STRING_INDEX = ascii('{"stringValueStrindex":');
const KEY_INDEX = ascii(',"keyStrindex":');
const ARRAY = ascii('{"arrayValue":{');
const KVLIST = ascii('{"kvlistValue":{');
const VALUES = ascii('"values":[');
const NOTHING = ascii('{}');
/** Tags of what profiles refer to strings of their dictionary by: KeyValue.key_strindex and AnyValue.string_value_strindex. */
const KEY_INDEX_TAG = 0x18;
const STRING_INDEX_TAG = 0x40;
const COMMA = 0x2c;
const CLOSE = 0x7d;

/** KeyValue. */
export function writeAttribute(
  out: JsonText,
  bytes: Uint8Array,
  start: number,
  end: number,
  depth: number,
  strict: boolean,
): void {
  // The shape that every SDK writes: key, value, both with one length byte, and nothing else.
  if (end - start >= 4 && bytes[start] === 0x0a && bytes[start + 1] !== 0 && bytes[start + 1] < 0x80) {
    const keyEnd = start + 2 + bytes[start + 1];
    if (
      keyEnd + 1 < end &&
      bytes[keyEnd] === 0x12 &&
      bytes[keyEnd + 1] < 0x80 &&
      keyEnd + 2 + bytes[keyEnd + 1] === end
    ) {
      out.raw(KEY);
      out.string(bytes, start + 2, keyEnd);
      out.raw(VALUE);
      writeAnyValue(out, bytes, keyEnd + 2, end, depth + 1, strict);
      out.byte(CLOSE);
      return;
    }
  }
  let keyStart = start;
  let keyEnd = start;
  let valueStart = -1;
  let valueEnd = -1;
  let keyIndex = 0;
  let seen = 0;
  for (let at = start; at < end;) {
    const tag = tagAt(bytes, at, end);
    at = varintEnd(bytes, at, end);
    if (tag === 0x0a || tag === 0x12) {
      if (strict && seen & tag & 0x18) throw MERGE_FIRST;
      seen |= tag & 0x18;
      at = payload.start(bytes, at, end);
      if (tag === 0x0a) {
        keyStart = at;
        keyEnd = payload.end;
      } else {
        valueStart = at;
        valueEnd = payload.end;
      }
      at = payload.end;
    } else {
      if (tag === KEY_INDEX_TAG) {
        if (strict && seen & 1) throw MERGE_FIRST;
        seen |= 1;
        payload.varint(bytes, at, end);
        keyIndex = payload.low | 0;
      }
      at = skipField(bytes, at, end, tag);
    }
  }
  if (keyEnd > keyStart) {
    out.raw(KEY);
    out.string(bytes, keyStart, keyEnd);
    out.raw(VALUE);
  } else {
    out.raw(VALUE_ONLY);
  }
  if (valueStart === -1) out.raw(NOTHING);
  else writeAnyValue(out, bytes, valueStart, valueEnd, depth + 1, strict);
  if (keyIndex !== 0) {
    out.raw(KEY_INDEX);
    out.integer(keyIndex);
  }
  out.byte(CLOSE);
}

/** AnyValue. Of several members the last one counts. */
export function writeAnyValue(
  out: JsonText,
  bytes: Uint8Array,
  start: number,
  end: number,
  depth: number,
  strict: boolean,
): void {
  if (depth > DEPTH_MAX) {
    const what = `values are nested more than ${DEPTH_MAX} deep`;
    throw new InvalidMessage(what, { code: 'DEPTH', offset: start, path: '' });
  }
  if (end - start >= 2 && writeSimpleValue(out, bytes, start, end)) return;
  let tag = 0;
  let from = start;
  for (let at = start; at < end;) {
    const next = tagAt(bytes, at, end);
    at = varintEnd(bytes, at, end);
    if (next >>> 3 <= 7 || next === STRING_INDEX_TAG) {
      if (tag !== 0 && strict) throw MERGE_FIRST;
      tag = next;
      from = at;
    }
    at = skipField(bytes, at, end, next);
  }
  switch (tag) {
    case 0x0a: {
      const at = payload.start(bytes, from, end);
      out.raw(STRING);
      out.string(bytes, at, payload.end);
      break;
    }
    case 0x10:
      payload.varint(bytes, from, end);
      out.raw((payload.low | payload.high) === 0 ? FALSE : TRUE);
      break;
    case 0x18:
      payload.varint(bytes, from, end);
      out.raw(INT);
      out.decimalString(payload.low, payload.high, true);
      break;
    case 0x21:
      out.raw(DOUBLE);
      out.double(double(bytes, from));
      break;
    case 0x2a:
    case 0x32: {
      const at = payload.start(bytes, from, end);
      out.raw(tag === 0x2a ? ARRAY : KVLIST);
      writeValues(out, bytes, at, payload.end, depth + 1, strict, tag === 0x2a);
      break;
    }
    case 0x3a: {
      const at = payload.start(bytes, from, end);
      out.raw(BYTES);
      out.base64(bytes, at, payload.end);
      break;
    }
    case STRING_INDEX_TAG:
      payload.varint(bytes, from, end);
      out.raw(STRING_INDEX);
      out.integer(payload.low | 0);
      break;
    default:
      out.raw(NOTHING);
      return;
  }
  out.byte(CLOSE);
}

/** Writes a value that is one scalar and nothing else, which is nearly every one; false when it is something else. */
function writeSimpleValue(out: JsonText, bytes: Uint8Array, start: number, end: number): boolean {
  switch (bytes[start]) {
    case 0x0a:
      if (bytes[start + 1] >= 0x80 || start + 2 + bytes[start + 1] !== end) return false;
      out.raw(STRING);
      out.string(bytes, start + 2, end);
      break;
    case 0x10:
      if (end - start !== 2) return false;
      out.raw(bytes[start + 1] === 0 ? FALSE : TRUE);
      break;
    case 0x18:
      if (varintEnd(bytes, start + 1, end) !== end) return false;
      payload.varint(bytes, start + 1, end);
      out.raw(INT);
      out.decimalString(payload.low, payload.high, true);
      break;
    case 0x21:
      if (end - start !== 9) return false;
      out.raw(DOUBLE);
      out.double(double(bytes, start + 1));
      break;
    default:
      return false;
  }
  out.byte(CLOSE);
  return true;
}

/** The values of an ArrayValue or a KeyValueList, without its opening brace and with nothing when there are none. */
function writeValues(
  out: JsonText,
  bytes: Uint8Array,
  start: number,
  end: number,
  depth: number,
  strict: boolean,
  isArray: boolean,
): void {
  let count = 0;
  for (let at = start; at < end;) {
    const tag = tagAt(bytes, at, end);
    at = varintEnd(bytes, at, end);
    if (tag !== 0x0a) {
      at = skipField(bytes, at, end, tag);
      continue;
    }
    at = payload.start(bytes, at, end);
    const to = payload.end;
    if (count++ === 0) out.raw(VALUES);
    else out.byte(COMMA);
    if (isArray) writeAnyValue(out, bytes, at, to, depth + 1, strict);
    else writeAttribute(out, bytes, at, to, depth + 1, strict);
    at = to;
  }
  if (count > 0) out.byte(0x5d);
  out.byte(CLOSE);
}
