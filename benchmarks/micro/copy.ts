/**
 * Copies of 300 kB and of 200 bytes, between private and shared memory, aligned and not: the methods of typed arrays, which V8 makes
 * byte by byte where other threads could look, and Buffer's native copy.
 * Run: node benchmarks/micro/copy.ts
 */
import { measure } from './measure.ts';

const BYTES = 300 * 1024;
const PIECE = 200;
const pieces = Math.floor(BYTES / (PIECE + 1));
const memory = {
  private: new Uint8Array(new ArrayBuffer(BYTES + 64)),
  shared: new Uint8Array(new SharedArrayBuffer(BYTES + 64)),
};
const native = Buffer.prototype as unknown as {
  copy(this: Uint8Array, target: Uint8Array, at: number, start: number, end: number): number;
};

for (const kind of ['private', 'shared'] as const) {
  const source = memory.private;
  const target = memory[kind].subarray();
  for (const offset of [0, 3]) {
    console.log(`to ${kind} memory, at offset ${offset}`);
    measure('set, whole', 1, () => target.set(source.subarray(0, BYTES), offset));
    measure('native, whole', 1, () => void native.copy.call(source, target, offset, 0, BYTES));
    measure('set, pieces of 200 bytes', pieces, () => {
      for (let at = 0; at + PIECE < BYTES; at += PIECE + 1) target.set(source.subarray(at, at + PIECE), at + offset);
    });
    measure('native, pieces of 200 bytes', pieces, () => {
      for (let at = 0; at + PIECE < BYTES; at += PIECE + 1)
        native.copy.call(source, target, at + offset, at, at + PIECE);
    });
  }
}
