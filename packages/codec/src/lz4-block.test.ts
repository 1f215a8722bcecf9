import * as fc from 'fast-check';
import { compressSync } from 'lz4-napi';
import { describe, expect, it } from 'vitest';
import { LZ4_BLOCK_CORRUPT, LZ4_BLOCK_TOO_LONG, decodeLz4Block } from './lz4-block.ts';
import { decodeLz4BlockNatively } from './lz4-native-block.ts';
import { asBuffer } from './owned-bytes.ts';
import { content } from './testing/samples.ts';

const GUARD = 0xa5;

/** Decodes in the middle of a larger memory, and checks that nothing beside the output was touched. */
function decode(input: Uint8Array, limitBytes: number): Uint8Array | number {
  const output = new Uint8Array(limitBytes + 128).fill(GUARD);
  const end = decodeLz4Block({ input, output, outputStart: 64, outputEnd: 64 + limitBytes, historyStart: 64 });
  expect(output.subarray(0, 64).every((byte) => byte === GUARD)).toBe(true);
  expect(output.subarray(64 + limitBytes).every((byte) => byte === GUARD)).toBe(true);
  return end < 0 ? end : output.slice(64, end);
}

describe('the two LZ4 block decoders', () => {
  it('agree on valid blocks, at any limit', () => {
    fc.assert(
      fc.property(content, fc.nat(50), (bytes, spareBytes) => {
        const block = Uint8Array.from(compressSync(asBuffer(bytes)).subarray(4));
        const decoded = decode(block, bytes.byteLength + spareBytes) as Uint8Array;
        expect(Buffer.from(decoded).equals(bytes)).toBe(true);
        expect(decodeLz4BlockNatively(block, bytes.byteLength + spareBytes)).toEqual(decoded);
        fc.pre(bytes.byteLength > 0);
        expect(decode(block, bytes.byteLength - 1)).toBe(LZ4_BLOCK_TOO_LONG);
        expect(decodeLz4BlockNatively(block, bytes.byteLength - 1)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it('agree on damaged blocks, and stay within their memory', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(content, fc.array(change, { maxLength: 4 }), fc.nat(), (bytes, changes, cutAt) => {
        const block = Uint8Array.from(compressSync(asBuffer(bytes)).subarray(4));
        for (const [at, value] of changes) block[at % block.byteLength] = value;
        const damaged = block.subarray(0, 1 + (cutAt % block.byteLength));
        const decoded = decode(damaged, 150_000);
        const natively = decodeLz4BlockNatively(damaged, 150_000);
        expect(natively ?? 'refused').toEqual(typeof decoded === 'number' ? 'refused' : decoded);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['nothing', []],
    ['a match before the start', [0x10, 1, 2, 0, 0]],
    ['a match at distance 0', [0x10, 1, 0, 0, 0]],
    ['literals that are not there', [0x50, 1, 2]],
    ['a length that never ends', [0xf0, 255, 255]],
    ['a match at the end', [0x10, 1, 1, 0]],
  ])('refuse %s', (_what, bytes) => {
    expect(decode(Uint8Array.from(bytes), 1000)).toBe(LZ4_BLOCK_CORRUPT);
  });
});
