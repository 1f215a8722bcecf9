/**
 * Walks a message by a plan made from the tables, and attributes and values, which are most of all bytes, without one. Says only yes, odd
 * or no: `inspect` says where. AssemblyScript, because this runs over every byte that comes in, and vectors and unchecked reads make it
 * two to three times as fast as the same in TypeScript (docs/decisions/0016-webassembly.md). `npm run generate` compiles it to
 * `src/walker-binary.ts`.
 *
 * Positions are addresses. Reads may go SLACK_BYTES beyond `end`, so that positions are compared with `end` once and late; what was
 * read there never matters, because whatever would need it leads beyond `end` itself and is refused for that.
 */
import {
  ANY_VALUE,
  BAD,
  FIXED,
  ID,
  ITEM,
  KEY_VALUE,
  MESSAGE,
  ODD,
  OK,
  PACKED_FIXED,
  PACKED_VARINTS,
  TAG_LIMIT,
  TEXT,
  VARINT,
  WRONG_WIRE_TYPE,
} from '../src/walker-format';
import { isAscii, isUtf8 } from './utf8';
import { lengthAt, skipUnknown, tagAt, varint, varintEnd } from './varint';

/** Deepest nesting of messages that is accepted. */
let depthMax: i32 = 0;
/** Items counted so far. */
let itemCount: i32 = 0;

/** Walks a whole request. */
export function walk(start: usize, end: usize, plan: usize, depthLimit: i32): i32 {
  depthMax = depthLimit;
  itemCount = 0;
  return message(start, end, 0, plan);
}

/** Items of the last request that was walked. */
export function items(): i32 {
  return itemCount;
}

function message(start: usize, end: usize, depth: i32, plan: usize): i32 {
  if (depth > depthMax) return BAD;
  let at = start;
  let seen: u32 = 0;
  let result = OK;
  while (at < end) {
    let tag: usize = load<u8>(at++);
    let isPadded = false;
    if (tag > 0x7f) {
      at = tagAt(at - 1, end);
      if (at == 0) return BAD;
      tag = varint;
      isPadded = load<u8>(at - 1) == 0;
    }
    // One read for the action, its operand and the bit.
    const entry: u64 = tag < <usize>TAG_LIMIT ? load<u64>(plan + (tag << 3)) : 0;
    const action = (<i32>entry) & 0xff;
    if (action <= WRONG_WIRE_TYPE) {
      if (action == WRONG_WIRE_TYPE) return BAD;
      at = skipUnknown(at, end, tag);
      if (at == 0) return BAD;
      continue;
    }
    const bit = <u32>(entry >> 32);
    if (isPadded || (seen & bit) != 0) result |= ODD;
    seen |= bit;
    const operand: usize = (<u32>entry) >> 8;
    if (action <= FIXED) {
      at = action == VARINT ? varintEnd(at, end) : at + operand;
      if (at > end) return BAD;
      continue;
    }
    let length: usize = load<u8>(at++);
    if (length > 0x7f) {
      at = lengthAt(at - 1, end);
      if (at == 0) return BAD;
      length = varint;
    }
    const to = at + length;
    if (to > end) return BAD;
    switch (action) {
      case TEXT:
        if (!isUtf8(at, to)) return BAD;
        break;
      case ID:
        if (length != operand && length != 0) return BAD;
        break;
      case ITEM:
        itemCount++;
        result |= message(at, to, depth + 1, operand);
        break;
      case MESSAGE:
        result |= message(at, to, depth + 1, operand);
        break;
      case KEY_VALUE:
        result |= keyValue(at, to, depth + 1);
        break;
      case ANY_VALUE:
        result |= anyValue(at, to, depth + 1);
        break;
      case PACKED_VARINTS:
        result |= packedVarints(at, to);
        break;
      case PACKED_FIXED:
        if (length % operand != 0) return BAD;
        break;
    }
    if (result & BAD) return BAD;
    at = to;
  }
  return result;
}

/** Varints that must fill their length exactly. */
function packedVarints(start: usize, end: usize): i32 {
  let at = start;
  while (at < end) at = varintEnd(at, end);
  return at == end ? OK : BAD;
}

/** KeyValue: 1 key string, 2 value AnyValue. */
function keyValue(start: usize, end: usize, depth: i32): i32 {
  if (depth > depthMax) return BAD;
  // The shape that every SDK writes: key, value, both with one length byte, and nothing else. Two bytes each, tag and length; the
  // length's highest bit must not be set.
  const key = load<u16>(start);
  const inner = start + 4 + (key >> 8);
  const wrapped = load<u16>(inner - 2);
  if (depth < depthMax && (key & 0x80ff) == 0x0a && (wrapped & 0x80ff) == 0x12 && inner + (wrapped >> 8) == end) {
    const tag = load<u8>(inner);
    if (tag == 0x0a) {
      // Of a text value all tags and lengths are ASCII, too: one look over everything is enough.
      const length = load<u8>(inner, 1);
      if (length < 0x80 && inner + 2 + length == end && isAscii(start, end)) return OK;
    } else if (tag == 0x21 ? inner + 9 == end : (tag == 0x10 || tag == 0x18) && varintEnd(inner + 1, end) == end) {
      return isUtf8(start + 2, inner - 2) ? OK : BAD;
    }
  }
  return anyKeyValue(start, end, depth);
}

/** The same in any shape. */
function anyKeyValue(start: usize, end: usize, depth: i32): i32 {
  let at = start;
  let seen: usize = 0;
  let result = OK;
  while (at < end) {
    let tag: usize = load<u8>(at++);
    if (tag > 0x7f) {
      at = tagAt(at - 1, end);
      if (at == 0) return BAD;
      tag = varint;
      if (load<u8>(at - 1) == 0 && tag >>> 3 <= 2) result |= ODD;
    }
    if (tag == 0x0a || tag == 0x12) {
      at = lengthAt(at, end);
      if (at == 0) return BAD;
      const to = at + varint;
      if (seen & tag & 0x18) result |= ODD;
      seen |= tag & 0x18;
      if (tag == 0x0a) {
        if (!isUtf8(at, to)) return BAD;
      } else {
        result |= anyValue(at, to, depth + 1);
        if (result & BAD) return BAD;
      }
      at = to;
    } else {
      if (tag >>> 3 <= 2) return BAD;
      at = skipUnknown(at, end, tag);
      if (at == 0) return BAD;
    }
  }
  return result;
}

/** AnyValue: a oneof of 1 string, 2 bool, 3 int64, 4 double, 5 ArrayValue, 6 KeyValueList, 7 bytes. */
function anyValue(start: usize, end: usize, depth: i32): i32 {
  if (depth > depthMax) return BAD;
  let at = start;
  let seen = OK;
  let result = OK;
  while (at < end) {
    let tag: usize = load<u8>(at++);
    if (tag > 0x7f) {
      at = tagAt(at - 1, end);
      if (at == 0) return BAD;
      tag = varint;
      if (load<u8>(at - 1) == 0 && tag >>> 3 <= 7) result |= ODD;
    }
    if (tag == 0x10 || tag == 0x18) {
      at = varintEnd(at, end);
      if (at > end) return BAD;
    } else if (tag == 0x21) {
      at += 8;
      if (at > end) return BAD;
    } else if (tag == 0x0a || tag == 0x2a || tag == 0x32 || tag == 0x3a) {
      let length: usize = load<u8>(at++);
      if (length > 0x7f) {
        at = lengthAt(at - 1, end);
        if (at == 0) return BAD;
        length = varint;
      }
      const to = at + length;
      if (to > end) return BAD;
      if (tag == 0x0a) {
        if (!isUtf8(at, to)) return BAD;
      } else if (tag != 0x3a) {
        result |= values(at, to, depth + 1, tag == 0x2a);
        if (result & BAD) return BAD;
      }
      at = to;
    } else {
      if (tag >>> 3 <= 7) return BAD;
      at = skipUnknown(at, end, tag);
      if (at == 0) return BAD;
      continue;
    }
    result |= seen;
    seen = ODD;
  }
  return result;
}

/** ArrayValue and KeyValueList: 1 values, repeated. */
function values(start: usize, end: usize, depth: i32, isArray: bool): i32 {
  if (depth > depthMax) return BAD;
  let at = start;
  let result = OK;
  while (at < end) {
    let tag: usize = load<u8>(at++);
    if (tag > 0x7f) {
      at = tagAt(at - 1, end);
      if (at == 0) return BAD;
      tag = varint;
      if (load<u8>(at - 1) == 0 && tag >>> 3 == 1) result |= ODD;
    }
    if (tag == 0x0a) {
      at = lengthAt(at, end);
      if (at == 0) return BAD;
      const to = at + varint;
      result |= isArray ? anyValue(at, to, depth + 1) : keyValue(at, to, depth + 1);
      if (result & BAD) return BAD;
      at = to;
    } else {
      if (tag >>> 3 == 1) return BAD;
      at = skipUnknown(at, end, tag);
      if (at == 0) return BAD;
    }
  }
  return result;
}
