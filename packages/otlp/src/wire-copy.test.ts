import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyBlock, copyBytes, moveBytes, noteMemory } from './wire.ts';

const memory = (bytes: number, shared: boolean) =>
  new Uint8Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)).map((_, index) => index * 7);

const range = fc.record({
  from: fc.nat(300),
  length: fc.oneof(fc.nat(40), fc.nat(300)),
  to: fc.nat(300),
  shared: fc.tuple(fc.boolean(), fc.boolean()),
});

describe('copies', () => {
  it('are what set does, between memory of any kind', () => {
    fc.assert(
      fc.property(range, ({ from, length, to, shared }) => {
        const source = memory(600, shared[0]);
        const target = memory(600, shared[1]).fill(1);
        const expected = target.slice();
        expected.set(source.subarray(from, from + length), to);
        copyBytes(source, from, from + length, target, to);
        expect(Buffer.compare(target, expected)).toBe(0);
        copyBlock(source.subarray(from, from + length), target.fill(1), to);
        expect(Buffer.compare(target, expected)).toBe(0);
        // From here on the other way of copying is tried.
        if (shared[1]) noteMemory(target);
      }),
    );
  });

  it('within one array are what copyWithin does, overlapping or not', () => {
    fc.assert(
      fc.property(range, ({ from, length, to, shared }) => {
        const bytes = memory(600, shared[0]);
        const expected = bytes.slice().copyWithin(to, from, from + length);
        moveBytes(bytes, to, from, from + length);
        expect(Buffer.compare(bytes, expected)).toBe(0);
      }),
    );
  });
});
