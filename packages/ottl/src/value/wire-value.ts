import { ByteWriter, MAX_DEPTH, readUtf8, WireReader } from '@millrace/otlp';
import { OttlRuntimeError } from '../ottl-error.ts';
import { isList, isMap, typeName, type Value, type ValueMap } from './value.ts';

/*
 * AnyValue on the wire. The views' own reading does not tell a whole double from an integer and keeps keys in objects, which
 * sort those that look like numbers; OTTL needs both as they are.
 */

/** Decodes the body of an AnyValue, which lies at `[start, end)`. An empty one is nil. */
export function decodeValue(bytes: Uint8Array, start = 0, end: number = bytes.length): Value {
  // Most are short strings.
  if (end - start < 130 && bytes[start] === 0x0a && bytes[start + 1] === end - start - 2)
    return readUtf8(bytes, start + 2, end);
  return readValue(new WireReader(bytes, start, end), 0);
}

function readValue(reader: WireReader, depth: number): Value {
  if (depth > MAX_DEPTH) throw new OttlRuntimeError(`a value is nested deeper than ${MAX_DEPTH}`);
  let value: Value = null;
  while (!reader.done) {
    const tag = reader.tag();
    switch (tag) {
      case 0x0a:
        value = reader.string();
        break;
      case 0x10:
        value = reader.bool();
        break;
      case 0x18:
        value = reader.int64();
        break;
      case 0x21:
        value = reader.double();
        break;
      case 0x2a:
        value = readList(inside(reader), depth + 1);
        break;
      case 0x32:
        value = readMap(inside(reader), depth + 1);
        break;
      case 0x3a:
        value = Uint8Array.from(reader.range());
        break;
      default:
        reader.skip(tag);
    }
  }
  return value;
}

/** A reader for the submessage whose length comes next; the outer one goes behind it. */
function inside(reader: WireReader): WireReader {
  const end = reader.lengthEnd();
  const inner = new WireReader(reader.bytes, reader.pos, end);
  reader.pos = end;
  return inner;
}

function readList(reader: WireReader, depth: number): readonly Value[] {
  const values: Value[] = [];
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 0x0a) values.push(readValue(inside(reader), depth));
    else reader.skip(tag);
  }
  return values;
}

function readMap(reader: WireReader, depth: number): ValueMap {
  const values = new Map<string, Value>();
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 0x0a) readEntry(inside(reader), depth, values);
    else reader.skip(tag);
  }
  return values;
}

function readEntry(reader: WireReader, depth: number, values: Map<string, Value>): void {
  let key = '';
  let value: Value = null;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 0x0a) key = reader.string();
    else if (tag === 0x12) value = readValue(inside(reader), depth);
    else reader.skip(tag);
  }
  // Of keys of one name pdata finds the first.
  if (!values.has(key)) values.set(key, value);
}

/** The body of an AnyValue. What has no place in one (a time, a duration, an id, a part) is left empty. */
export function encodeValue(value: Value): Uint8Array {
  const out = new ByteWriter();
  writeValue(out, value, 0);
  return out.take();
}

function writeValue(out: ByteWriter, value: Value, depth: number): void {
  switch (typeof value) {
    case 'string':
      return out.stringField(1, value);
    case 'boolean':
      return out.boolField(2, value);
    case 'bigint':
      return out.int64Field(3, value);
    case 'number':
      return out.doubleField(4, value);
    default:
      if (value !== null) writeObject(out, value, depth);
  }
}

function writeObject(
  out: ByteWriter,
  value: Exclude<Value, string | boolean | bigint | number | null>,
  depth: number,
): void {
  if (value instanceof Uint8Array) return out.bytesField(7, value);
  if (depth >= MAX_DEPTH) throw new OttlRuntimeError(`cannot write a value nested deeper than ${MAX_DEPTH}`);
  if (Array.isArray(value)) {
    const mark = out.openField(5);
    for (const element of value as readonly Value[]) {
      const inner = out.openField(1);
      writeValue(out, element, depth + 1);
      out.close(inner);
    }
    return out.close(mark);
  }
  if (!(value instanceof Map)) return;
  const mark = out.openField(6);
  for (const [key, element] of value as ValueMap) {
    const inner = out.openField(1);
    out.stringField(1, key);
    const nested = out.openField(2);
    writeValue(out, element, depth + 1);
    out.close(nested);
    out.close(inner);
  }
  out.close(mark);
}

/** Times, durations, ids and parts of telemetry cannot be an attribute, a body or part of one: throws OttlRuntimeError for them. */
export function expectStorable(value: Value): void {
  if (value === null || typeof value !== 'object') return;
  if (value instanceof Uint8Array || isList(value) || isMap(value)) return;
  throw new OttlRuntimeError(`cannot store ${typeName(value)} here`);
}
