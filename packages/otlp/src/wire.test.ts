import * as fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { encodeAnyValue, readAnyValue, type AnyValue, type AnyValueInput } from './any-value.ts';
import { ByteWriter } from './byte-writer.ts';
import { double as doubles, int32, int64, text, uint32, uint64 } from './testing/arbitraries.ts';
import { decode } from './testing/oracle.ts';
import { readUtf8, WireError } from './wire.ts';
import { WireReader } from './wire-reader.ts';

const long = (value: unknown): bigint => BigInt(`${value as bigint}`);
const scalars = fc.record({ a: uint64, b: int64, c: uint32, d: int32, e: doubles, f: text, g: fc.boolean() });

test('scalars are written as protobufjs reads them, and read back', () => {
  fc.assert(
    fc.property(scalars, ({ a, b, c, d, e, f, g }) => {
      const out = new ByteWriter();
      out.varint64(a);
      out.varint64(b);
      out.varint32(c);
      out.fixed64(a);
      out.fixed64(b);
      out.fixed32(c);
      out.double(e);
      out.sint32Field(1, d);
      out.stringField(2, f);
      out.boolField(3, g);
      const bytes = out.take();
      const theirs = protobuf.Reader.create(bytes);
      const ours = new WireReader(bytes);
      expect([long(theirs.uint64()), ours.uint64()]).toEqual([a, a]);
      expect([long(theirs.int64()), ours.int64()]).toEqual([b, b]);
      expect([theirs.uint32(), ours.uint32()]).toEqual([c, c]);
      expect([long(theirs.fixed64()), ours.fixed64()]).toEqual([a, a]);
      expect([long(theirs.sfixed64()), ours.sfixed64()]).toEqual([b, b]);
      expect([theirs.fixed32(), ours.fixed32()]).toEqual([c, c]);
      expect([theirs.double(), ours.double()]).toEqual([e, e]);
      expect([theirs.uint32(), ours.tag(), theirs.sint32(), ours.sint32()]).toEqual([8, 8, d, d]);
      expect([theirs.uint32(), ours.tag(), theirs.string(), ours.string()]).toEqual([18, 18, f, f]);
      expect([theirs.uint32(), ours.tag(), theirs.bool(), ours.bool()]).toEqual([24, 24, g, g]);
      expect(ours.done).toBe(true);
    }),
  );
});

const value: fc.Arbitrary<AnyValueInput> = fc.letrec<{ any: AnyValueInput }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.boolean(),
    fc.constant(null),
    doubles,
    int64,
    fc.uint8Array({ maxLength: 200 }),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(text, tie('any'), { maxKeys: 4 }),
  ),
})).any;

/** What a value is after writing and reading: bigints that are safe numbers come back as numbers. */
function canonical(input: unknown): unknown {
  if (typeof input === 'bigint' && BigInt(Number(input)) === input && Number.isSafeInteger(Number(input)))
    return Number(input);
  if (input instanceof Uint8Array || typeof input !== 'object' || input === null) return input;
  if (Array.isArray(input)) return input.map(canonical);
  return Object.fromEntries(Object.entries(input).map(([name, each]) => [name, canonical(each)]));
}

test('values come back as they were written, and the oracle can read them', () => {
  fc.assert(
    fc.property(value, (input) => {
      const bytes = encodeAnyValue(input);
      expect(() => decode('AnyValue', bytes)).not.toThrow();
      expect(readAnyValue(bytes, 0, bytes.length)).toEqual(canonical(input) as AnyValue);
    }),
  );
});

test('a nested length that needs more than one byte moves its payload', () => {
  for (const size of [0, 1, 127, 128, 16_383, 16_384, 2_097_152]) {
    const out = new ByteWriter();
    const mark = out.openField(1);
    out.append(new Uint8Array(size).fill(7));
    out.close(mark);
    const reader = new WireReader(out.take());
    expect(reader.tag()).toBe(10);
    const payload = reader.range();
    expect([payload.length, payload.every((byte) => byte === 7), reader.done]).toEqual([size, true, true]);
  }
});

test('lone surrogates become the replacement character', () => {
  const out = new ByteWriter();
  out.text('a\ud800b');
  expect(readUtf8(out.take(), 0, 5)).toBe('a\ufffdb');
});

test.each([
  ['a varint that does not end', [0x80, 0x80], (reader: WireReader) => reader.uint64(), 0],
  ['a varint of eleven bytes', [...Array<number>(10).fill(0x80), 0], (reader: WireReader) => reader.uint64(), 0],
  ['field number 0', [0x02], (reader: WireReader) => reader.tag(), 0],
  ['a length beyond the end', [0x05, 1, 2], (reader: WireReader) => reader.range(), 0],
  ['a length of 2^35', [0x80, 0x80, 0x80, 0x80, 0x80, 0x01], (reader: WireReader) => reader.range(), 0],
  ['a cut 64-bit value', [1, 2, 3], (reader: WireReader) => reader.fixed64(), 0],
  ['wire type 7', [0x0f], (reader: WireReader) => reader.skip(reader.tag()), 1],
  ['a group that does not end', [0x0b, 0x10, 0x01], (reader: WireReader) => reader.skip(reader.tag()), 1],
])('%s is refused with its place', (_, bytes, read, offset) => {
  const reader = new WireReader(Uint8Array.from(bytes));
  expect(() => read(reader)).toThrow(WireError);
  reader.pos = 0;
  expect(catchOffset(() => read(reader))).toBe(offset);
});

function catchOffset(run: () => unknown): number | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as WireError).offset;
  }
}

test('groups are skipped whole, also nested ones', () => {
  const reader = new WireReader(Uint8Array.from([0x0b, 0x13, 0x18, 0x05, 0x14, 0x0c, 0x08, 0x01]));
  reader.skip(reader.tag());
  expect([reader.tag(), reader.uint32(), reader.done]).toEqual([8, 1, true]);
});
