import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HashedRandomness } from './hashed-randomness.ts';
import { isRValue, parseTValue, probabilityOf, thresholdOf, tValueOf } from './threshold.ts';

test.each([
  [1, 4, '0'],
  [0.5, 4, '8'],
  [1 / 3, 14, 'aaaaaaaaaaaaac'],
  [1 / 3, 3, 'aab'],
  [0.01, 4, 'fd70a'],
  [0.01, 3, 'fd71'],
  [0.99, 4, '028f6'],
  [2 ** -56, 4, 'ffffffffffffff'],
  [2 ** -14, 4, 'fffc'],
])('probability %d with %d digits is th:%s', (probability, precision, th) => {
  expect(tValueOf(thresholdOf(probability, precision) ?? '')).toBe(th);
});

test.each([0, -1, 1.0001, 2 ** -57, NaN])('there is no threshold for %d', (probability) => {
  expect(thresholdOf(probability, 4)).toBeUndefined();
});

test('a threshold means the probability that it was made of, as far as it goes', () => {
  const property = fc.property(
    fc.double({ min: 1e-12, max: 1, noNaN: true }),
    fc.integer({ min: 1, max: 14 }),
    (wanted, digits) => {
      const threshold = thresholdOf(wanted, digits) ?? '';
      expect(isRValue(threshold)).toBe(true);
      expect(Math.abs(probabilityOf(threshold) / wanted - 1)).toBeLessThan(16 ** -(digits - 1) + 1e-4);
      expect(parseTValue(tValueOf(threshold))).toBe(threshold);
    },
  );
  fc.assert(property, { numRuns: 500 });
});

test.each(['', '-1', '+1', 'g', '0x1', '123456789012345', ' 1'])('"%s" is no th', (text) => {
  expect(parseTValue(text)).toBeUndefined();
});

/** By the definition of FNV-1a, in integers without a bound. */
function slowHash(seed: number, bytes: Uint8Array): bigint {
  let hash = 0x811c9dc5n;
  for (const byte of [seed & 255, (seed >>> 8) & 255, (seed >>> 16) & 255, seed >>> 24, ...bytes])
    hash = ((hash ^ BigInt(byte)) * 0x01000193n) & 0xffffffffn;
  return hash;
}

test('randomness from hashes is laid out as everywhere', () => {
  const property = fc.property(fc.nat(4_294_967_295), fc.uint8Array({ maxLength: 20 }), (seed, bytes) => {
    const hash = slowHash(seed, bytes);
    const bucket = hash & 0x3fffn;
    const rest = hash >> 18n;
    const expected = ((0x3fffn - bucket) << 42n) | ((rest ^ (rest << 10n)) << 14n) | bucket;
    expect(new HashedRandomness(seed).of(bytes)).toBe(expected.toString(16).padStart(14, '0'));
  });
  fc.assert(property, { numRuns: 300 });
});
