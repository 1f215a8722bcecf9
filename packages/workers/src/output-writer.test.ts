import { describe, expect, test } from 'vitest';
import { LEASE, OutputWriter } from './output-writer.ts';

const PIECE = 64 * 1024;

/** One grind whose last step writes `pieces` times before it leaves the last piece. Returns where the output lies. */
function grind(writer: OutputWriter, step: object, pieces: number) {
  writer.open([], new Uint8Array(PIECE + 1024));
  writer.begin(false);
  writer.lastStep = step;
  let left = new Uint8Array(0);
  for (let each = 0; each < pieces; each++) {
    left = writer.memory.allocate?.(PIECE, undefined) as typeof left;
    left.fill(each);
  }
  writer.lastStep = undefined;
  return { ref: writer.placeOne(left), extras: writer.extras.length };
}

describe('what the last step writes', () => {
  test('stands where it leaves from, without a copy', () => {
    const writer = new OutputWriter((length) => new ArrayBuffer(length));
    expect(grind(writer, {}, 1)).toEqual({ ref: { source: LEASE, offset: 0, length: PIECE }, extras: 0 });
  });

  test('is written elsewhere once it has filled the lease with what it did not leave', () => {
    const writer = new OutputWriter((length) => new ArrayBuffer(length));
    const step = {};
    expect(grind(writer, step, 3).extras).toBe(1);
    expect(grind(writer, step, 3)).toEqual({ ref: { source: LEASE, offset: 0, length: PIECE }, extras: 0 });
    expect(grind(writer, {}, 3).extras).toBe(1);
  });
});
