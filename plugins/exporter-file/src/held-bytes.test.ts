import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldBytes } from './held-bytes.ts';

test('gives back what was added, in order, however it is taken', () => {
  const step = fc.oneof(
    fc.record({ add: fc.uint8Array({ maxLength: 300 }) }),
    fc.record({ drop: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const held = new HeldBytes();
      let expected: { readonly byte: number; readonly atMs: number }[] = [];
      for (const [atMs, each] of steps.entries()) {
        if ('add' in each) {
          held.add(each.add, atMs);
          expected.push(...[...each.add].map((byte) => ({ byte, atMs })));
        } else {
          const count = Math.floor(each.drop * expected.length);
          held.drop(count);
          expected = expected.slice(count);
        }
        expect(held.length).toBe(expected.length);
        expect([...held.first(held.length)]).toEqual(expected.map(({ byte }) => byte));
        expect(held.oldestAtMs).toBe(expected[0]?.atMs);
      }
    }),
  );
});
