/**
 * Protobuf bytes to OTLP/JSON, straight from wire to text: no object is made of a record (benchmarks/micro/json).
 *
 * The layout is that of the Collector's marshaler: fields in the order of the .proto files, defaults and all-zero ids
 * left out, singular messages always there (`"body":{}`), 64-bit integers as strings, enums as numbers, no white space. Two
 * differences: infinities are "Infinity" and "-Infinity", as the protobuf specification has it, where Go writes "+Inf"; and
 * minus zero is no default, where Go leaves it out.
 */
import type { Allocate } from './byte-writer.ts';
import { messageDescriptor, requestDescriptor } from './descriptors.ts';
import type { MessageDescriptor } from './descriptors.ts';
import type { Signal } from './signal.ts';
import { InvalidMessage } from './invalid-message.ts';
import { FIELDS_MAX, planOf } from './json-encode-plan.ts';
import type { FieldPlan, MessagePlan } from './json-encode-plan.ts';
import { expectWireType, writeNumber, writeText } from './json-encode-scalars.ts';
import { writeAttribute, writeAnyValue } from './json-encode-values.ts';
import { MERGE_FIRST, payload } from './json-encode-wire.ts';
import { JsonText } from './json-text.ts';
import { normalize } from './normalize.ts';
import { DEPTH_MAX } from './validate.ts';
import { skipField, tagAt, varintEnd } from './wire.ts';

/**
 * The OTLP/JSON text of an export request whose bytes are the concatenation of `chunks`, on one line, without a line end.
 * The input has passed `validate`; on anything else this throws WireError or InvalidMessage, or writes what it can read.
 */
export function protoToJson(
  signal: Signal,
  chunks: Uint8Array | readonly Uint8Array[],
  allocate?: Allocate,
): Uint8Array {
  const bytes = chunks instanceof Uint8Array ? chunks : chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  const out = new JsonText(bytes.length * 3, allocate);
  writeRequest(requestDescriptor(signal), bytes, out);
  return out.view();
}

/** Appends the JSON of one whole message. */
export function writeRequest(message: MessageDescriptor, bytes: Uint8Array, out: JsonText): void {
  const from = out.length;
  const plan = planOf(message);
  try {
    writeMessage(out, bytes, 0, bytes.length, plan, 0, true);
  } catch (error) {
    if (error !== MERGE_FIRST) throw error;
    out.length = from;
    const signal = SIGNAL_OF_REQUEST.get(message);
    const whole = signal === undefined ? bytes : normalize(signal, bytes);
    writeMessage(out, whole, 0, whole.length, plan, 0, false);
  }
}

const SIGNAL_OF_REQUEST = new Map(
  (['logs', 'traces', 'metrics', 'profiles'] as const).map((signal) => [requestDescriptor(signal), signal]),
);

const COMMA = 0x2c;
const EMPTY_OBJECT = Uint8Array.of(0x7b, 0x7d);
const KEY_VALUE = messageDescriptor('KeyValue');
const ANY_VALUE = messageDescriptor('AnyValue');
/**
 * By nesting level and field number: position of the first (repeated) or last (singular) tag plus one, 0 for none.
 * Shared by all calls, which never overlap: this is synchronous and no caller's code runs within.
 */
const positions = new Int32Array((DEPTH_MAX + 2) * FIELDS_MAX);
const counts = new Int32Array((DEPTH_MAX + 2) * FIELDS_MAX);

function writeMessage(
  out: JsonText,
  bytes: Uint8Array,
  start: number,
  end: number,
  plan: MessagePlan,
  depth: number,
  strict: boolean,
): void {
  if (depth > DEPTH_MAX) {
    const what = `messages are nested more than ${DEPTH_MAX} deep`;
    throw new InvalidMessage(what, { code: 'DEPTH', offset: start, path: '' });
  }
  const base = depth * FIELDS_MAX;
  findFields(bytes, start, end, plan, base, strict);
  const brace = out.length;
  const { fields } = plan;
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i];
    const position = positions[base + field.number];
    if (position !== 0) {
      if (field.repeated) writeList(out, bytes, position - 1, end, field, counts[base + field.number], depth, strict);
      else writeSingular(out, bytes, position - 1, end, field, depth, strict);
    } else if (field.alwaysInJson) {
      out.raw(field.key);
      if (field.child!.fields.some(isAlwaysInJson)) writeMessage(out, bytes, 0, 0, field.child!, depth + 1, strict);
      else out.raw(EMPTY_OBJECT);
    }
  }
  closeObject(out, brace);
}

const isAlwaysInJson = (field: FieldPlan): boolean => field.alwaysInJson;

/** Every field was written with a comma before it; the first comma becomes the brace. */
function closeObject(out: JsonText, brace: number): void {
  if (out.length === brace) {
    out.raw(EMPTY_OBJECT);
  } else {
    out.bytes[brace] = 0x7b;
    out.byte(0x7d);
  }
}

function findFields(
  bytes: Uint8Array,
  start: number,
  end: number,
  plan: MessagePlan,
  base: number,
  strict: boolean,
): void {
  const { kinds } = plan;
  positions.fill(0, base, base + FIELDS_MAX);
  counts.fill(0, base, base + FIELDS_MAX);
  let oneofs = 0;
  let at = start;
  while (at < end) {
    const tagPosition = at;
    let tag = bytes[at];
    if (tag < 0x80 && tag >= 8) {
      at++;
    } else {
      tag = tagAt(bytes, at, end);
      at = varintEnd(bytes, at, end);
    }
    at = skipField(bytes, at, end, tag);
    const number = tag >>> 3;
    const kind = number < FIELDS_MAX ? kinds[number] : 0;
    if (kind === 1) {
      if (counts[base + number]++ === 0) positions[base + number] = tagPosition + 1;
    } else if (kind !== 0) {
      if (kind > 2) {
        if ((oneofs >>> kind) & 1) {
          if (strict) throw MERGE_FIRST;
          clearOneof(kinds, base, kind);
        }
        oneofs |= 1 << kind;
      } else if (strict && positions[base + number] !== 0) {
        throw MERGE_FIRST;
      }
      positions[base + number] = tagPosition + 1;
    }
  }
}

function clearOneof(kinds: Uint8Array, base: number, kind: number): void {
  for (let number = 0; number < FIELDS_MAX; number++) if (kinds[number] === kind) positions[base + number] = 0;
}

function writeSingular(
  out: JsonText,
  bytes: Uint8Array,
  tagPosition: number,
  end: number,
  field: FieldPlan,
  depth: number,
  strict: boolean,
): void {
  const from = varintEnd(bytes, tagPosition, end);
  expectWireType(bytes, tagPosition, end, field);
  if (field.child !== undefined) {
    const at = payload.start(bytes, from, end);
    out.raw(field.key);
    writeElement(out, bytes, at, payload.end, field, depth, strict);
    return;
  }
  const key = out.length;
  out.raw(field.key);
  const isDefault =
    field.wireType === 2 ? writeText(out, bytes, from, end, field) : writeNumber(out, bytes, from, end, field);
  if (isDefault && !field.presence) out.length = key;
}

function writeList(
  out: JsonText,
  bytes: Uint8Array,
  firstTag: number,
  end: number,
  field: FieldPlan,
  count: number,
  depth: number,
  strict: boolean,
): void {
  const key = out.length;
  out.raw(field.key);
  const bracket = out.length;
  let at = firstTag;
  for (let left = count; left > 0;) {
    const tag = tagAt(bytes, at, end);
    const from = varintEnd(bytes, at, end);
    if (tag >>> 3 !== field.number) {
      at = skipField(bytes, from, end, tag);
      continue;
    }
    left--;
    if ((tag & 7) !== 2) {
      expectWireType(bytes, at, end, field);
      out.byte(COMMA);
      writeNumber(out, bytes, from, end, field);
      at = skipField(bytes, from, end, tag);
      continue;
    }
    const start = payload.start(bytes, from, end);
    const to = payload.end;
    if (field.wireType !== 2) {
      writePacked(out, bytes, start, to, field);
    } else {
      out.byte(COMMA);
      if (field.child === undefined) writeText(out, bytes, from, end, field);
      else writeElement(out, bytes, start, to, field, depth, strict);
    }
    at = to;
  }
  if (out.length === bracket) {
    out.length = key; // Only empty packed pieces: the list is empty, which is left out.
    return;
  }
  out.bytes[bracket] = 0x5b;
  out.byte(0x5d);
}

function writeElement(
  out: JsonText,
  bytes: Uint8Array,
  start: number,
  end: number,
  field: FieldPlan,
  depth: number,
  strict: boolean,
): void {
  const child = field.child!;
  if (child.message === KEY_VALUE) writeAttribute(out, bytes, start, end, depth + 1, strict);
  else if (child.message === ANY_VALUE) writeAnyValue(out, bytes, start, end, depth + 1, strict);
  else writeMessage(out, bytes, start, end, child, depth + 1, strict);
}

function writePacked(out: JsonText, bytes: Uint8Array, start: number, end: number, field: FieldPlan): void {
  for (let at = start; at < end; at = skipField(bytes, at, end, field.wireType)) {
    out.byte(COMMA);
    writeNumber(out, bytes, at, end, field);
  }
}
