/**
 * Walks any message by a plan made from the tables. KeyValue and AnyValue, which are most of all bytes, have hand-written
 * walkers; for the rest a plan is as fast as specialised code (benchmarks/micro/validate) and cannot disagree with the tables.
 */
import type { FieldDescriptor, MessageDescriptor } from './descriptors.ts';
import { isUtf8InView } from './utf8.ts';
import {
  anyValue,
  BAD,
  keyValue,
  lengthAt,
  longTagAt,
  ODD,
  OK,
  packedVarintsEnd,
  scan,
  skipUnknown,
  varintEnd,
} from './validate-common.ts';

/** What to do with a field, by its tag (number and wire type). */
const UNKNOWN = 0;
const WRONG_WIRE_TYPE = 1;
const SKIP_VARINT = 2;
const SKIP_64 = 3;
const SKIP_32 = 4;
// All below are length-delimited.
const BYTES = 5;
const TEXT = 6;
const TRACE_ID = 7;
const SPAN_ID = 8;
const MESSAGE = 9;
const KEY_VALUE = 10;
const ANY_VALUE = 11;
const PACKED_VARINTS = 12;
const PACKED_64 = 13;

/** Tags from here on belong to fields that no OTLP message has (the largest field number is 16). */
const TAG_LIMIT = 256;

export interface Plan {
  /** By tag: one of the actions above. */
  readonly actions: Uint8Array;
  /** By field number: the bit that a singular field or its oneof sets, 0 for repeated ones. */
  readonly bits: Int32Array;
  /** By field number: the plan of the messages that the field holds. */
  readonly children: (Plan | undefined)[];
  readonly countsAsItem: boolean;
}

/** Makes the plan of a message and, once each, of all that it holds. */
export function planOf(
  message: MessageDescriptor,
  isItem: (name: string) => boolean,
  plans = new Map<MessageDescriptor, Plan>(),
): Plan {
  const known = plans.get(message);
  if (known !== undefined) return known;
  const plan: Plan = {
    actions: new Uint8Array(TAG_LIMIT),
    bits: new Int32Array(TAG_LIMIT / 8),
    children: Array.from({ length: TAG_LIMIT / 8 }, () => undefined),
    countsAsItem: isItem(message.name),
  };
  plans.set(message, plan);
  for (const field of message.fields) {
    plan.actions.fill(WRONG_WIRE_TYPE, field.number * 8, field.number * 8 + 8);
    plan.actions[field.number * 8 + field.wireType] = actionOf(field);
    if (field.packed) plan.actions[field.number * 8 + 2] = field.wireType === 0 ? PACKED_VARINTS : PACKED_64;
    plan.bits[field.number] = field.repeated ? 0 : field.oneof >= 0 ? 1 << (31 - field.oneof) : 1 << field.number;
    if (field.message !== undefined) plan.children[field.number] = planOf(field.message, isItem, plans);
  }
  return plan;
}

function actionOf(field: FieldDescriptor): number {
  if (field.message !== undefined) {
    return field.message.name === 'KeyValue' ? KEY_VALUE : field.message.name === 'AnyValue' ? ANY_VALUE : MESSAGE;
  }
  if (field.wireType !== 2) return field.wireType === 0 ? SKIP_VARINT : field.wireType === 1 ? SKIP_64 : SKIP_32;
  const texts: Partial<Record<FieldDescriptor['type'], number>> = { string: TEXT, traceId: TRACE_ID, spanId: SPAN_ID };
  return texts[field.type] ?? BYTES;
}

/** Walks one message: OK, ODD, BAD. */
export function walkMessage(bytes: Uint8Array, start: number, end: number, depth: number, plan: Plan): number {
  if (depth > scan.depthMax) return BAD;
  if (plan.countsAsItem) scan.items++;
  const { actions, bits } = plan;
  let at = start;
  let seen = 0;
  let result = OK;
  while (at < end) {
    let tag = bytes[at++];
    let padded = false;
    if (tag > 0x7f) {
      at = longTagAt(bytes, at - 1, end);
      if (at === -1) return BAD;
      tag = scan.value;
      padded = bytes[at - 1] === 0;
    }
    const action = tag < TAG_LIMIT ? actions[tag] : UNKNOWN;
    if (action < SKIP_VARINT) {
      if (action === WRONG_WIRE_TYPE) return BAD;
      at = skipUnknown(bytes, at, end, tag);
      if (at === -1) return BAD;
      continue;
    }
    const bit = bits[tag >>> 3];
    if (padded || (seen & bit) !== 0) result |= ODD;
    seen |= bit;
    if (action < BYTES) {
      at = action === SKIP_VARINT ? varintEnd(bytes, at, end) : at + (action === SKIP_64 ? 8 : 4);
      if (at === -1 || at > end) return BAD;
      continue;
    }
    let length = at < end ? bytes[at] : 0x80;
    if (length < 0x80) {
      at++;
      if (at + length > end) return BAD;
    } else {
      at = lengthAt(bytes, at, end);
      if (at === -1) return BAD;
      length = scan.value;
    }
    if (action === KEY_VALUE) result |= keyValue(bytes, at, at + length, depth + 1);
    else if (action === MESSAGE) result |= walkMessage(bytes, at, at + length, depth + 1, plan.children[tag >>> 3]!);
    else if (action === ANY_VALUE) result |= anyValue(bytes, at, at + length, depth + 1);
    else result |= checkContent(bytes, at, length, action);
    if (result & BAD) return BAD;
    at += length;
  }
  return result;
}

function checkContent(bytes: Uint8Array, at: number, length: number, action: number): number {
  switch (action) {
    case TEXT:
      return isUtf8InView(bytes, scan.view, at, at + length) ? OK : BAD;
    case TRACE_ID:
      return length === 16 || length === 0 ? OK : BAD;
    case SPAN_ID:
      return length === 8 || length === 0 ? OK : BAD;
    case PACKED_VARINTS:
      return packedVarintsEnd(bytes, at, at + length) === -1 ? BAD : OK;
    case PACKED_64:
      return length % 8 === 0 ? OK : BAD;
    default:
      return OK;
  }
}
