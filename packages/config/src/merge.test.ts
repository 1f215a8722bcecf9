import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { merge } from './merge.ts';
import { fromPlain, toPlain } from './node.ts';
import { Source } from './source.ts';

const origin = { source: new Source({ label: 'test', text: undefined, dir: '.', order: 0 }), offset: 0 };

function mergePlain(...values: readonly unknown[]): unknown {
  return toPlain(values.map((value) => fromPlain(value, origin)).reduce(merge));
}

/** Maps in which a key has either always a map or never one, so that nothing replaces a map. */
const maps = fc.letrec<{ map: Record<string, unknown> }>((tie) => ({
  map: fc.record(
    {
      a: fc.integer(),
      b: fc.oneof(fc.string(), fc.boolean()),
      list: fc.array(fc.integer(), { maxLength: 3 }),
      sub: fc.oneof({ maxDepth: 3 }, fc.constant({}), tie('map')),
      sub2: fc.oneof({ maxDepth: 3 }, fc.constant({}), tie('map')),
    },
    { requiredKeys: [] },
  ),
})).map;

describe('merge', () => {
  test('is associative on maps', () => {
    fc.assert(
      fc.property(maps, maps, maps, (a, b, c) => {
        expect(mergePlain(mergePlain(a, b), c)).toEqual(mergePlain(a, mergePlain(b, c)));
      }),
    );
  });

  test('is idempotent, and an empty map changes nothing', () => {
    fc.assert(
      fc.property(maps, (a) => {
        expect(mergePlain(a, a)).toEqual(a);
        expect(mergePlain(a, {})).toEqual(a);
        expect(mergePlain({}, a)).toEqual(a);
      }),
    );
  });

  test('lets the later source win for every value that it has', () => {
    fc.assert(
      fc.property(maps, maps, (a, b) => {
        const merged = mergePlain(a, b) as Record<string, unknown>;
        const replaced = ['a', 'b', 'list'].filter((key) => key in b);
        expect(replaced.map((key) => merged[key])).toEqual(replaced.map((key) => b[key]));
        expect(Object.keys(merged).toSorted()).toEqual([...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted());
      }),
    );
  });

  test('erases with null whatever was there', () => {
    fc.assert(
      fc.property(maps, fc.constantFrom('a', 'b', 'list', 'sub'), (a, key) => {
        expect(mergePlain(a, { [key]: null })).toEqual({ ...a, [key]: null });
      }),
    );
  });

  test('replaces lists, and keeps the order of keys', () => {
    const merged = mergePlain({ x: [1, 2], y: { p: 1 } }, { z: 1, y: { q: 2 }, x: [3] });
    expect(merged).toEqual({ x: [3], y: { p: 1, q: 2 }, z: 1 });
    expect(Object.keys(merged as object)).toEqual(['x', 'y', 'z']);
  });
});
