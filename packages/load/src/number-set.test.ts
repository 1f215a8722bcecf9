import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberSet } from './number-set.ts';

const numbers = fc.uniqueArray(fc.nat(50_000));

function setOf(all: Iterable<number>): NumberSet {
  const set = new NumberSet();
  for (const number of all) set.add(number);
  return set;
}

test('it holds what was added, also after a journey as bytes', () => {
  fc.assert(
    fc.property(numbers, fc.nat(50_000), (all, other) => {
      for (const set of [setOf(all), new NumberSet(setOf(all).bytes)]) {
        expect(set.size).toBe(all.length);
        expect(set.has(other)).toBe(all.includes(other));
      }
    }),
  );
});

test('a number that is there is not added again', () => {
  const set = setOf([7]);
  expect(set.add(7)).toBe(false);
  expect(set.add(8)).toBe(true);
  expect(set.size).toBe(2);
});

test('what another set lacks is counted', () => {
  fc.assert(
    fc.property(numbers, numbers, (own, others) => {
      const missing = own.filter((number) => !others.includes(number)).length;
      expect(setOf(own).countMissingFrom(setOf(others))).toBe(missing);
    }),
  );
});
