import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backoff } from './backoff.ts';

const documented = { initial_interval: 500, randomization_factor: 0.5, multiplier: 1.5, max_interval: 60_000 };

// The table in the documentation of github.com/cenkalti/backoff, in seconds, to its precision.
const TABLE = [
  { interval: 0.5, least: 0.25, most: 0.75 },
  { interval: 0.75, least: 0.375, most: 1.125 },
  { interval: 1.125, least: 0.562, most: 1.687 },
  { interval: 1.687, least: 0.8435, most: 2.53 },
  { interval: 2.53, least: 1.265, most: 3.795 },
  { interval: 3.795, least: 1.897, most: 5.692 },
  { interval: 5.692, least: 2.846, most: 8.538 },
  { interval: 8.538, least: 4.269, most: 12.807 },
  { interval: 12.807, least: 6.403, most: 19.21 },
];

test('waits follow the documented table', () => {
  const shortest = new Backoff(documented, () => 0);
  const middle = new Backoff(documented, () => 0.5);
  const longest = new Backoff(documented, () => 1);
  for (const { interval, least, most } of TABLE) {
    expect(shortest.next() / 1000 / least).toBeCloseTo(1, 2);
    expect(middle.next() / 1000 / interval).toBeCloseTo(1, 2);
    expect(longest.next() / 1000 / most).toBeCloseTo(1, 2);
  }
});

test('the defaults of retry_on_failure wait 5, 7.5, 11.25, 16.9, 25.3, 30, 30 seconds on average', () => {
  const backoff = new Backoff(
    { initial_interval: 5000, randomization_factor: 0.5, multiplier: 1.5, max_interval: 30_000 },
    () => 0.5,
  );
  expect(Array.from({ length: 7 }, () => backoff.next())).toEqual([
    5000, 7500, 11_250, 16_875, 25_312.5, 30_000, 30_000,
  ]);
});

test('max_interval caps the interval before the jitter, and not the first wait', () => {
  const backoff = new Backoff({ ...documented, initial_interval: 90_000 }, () => 1);
  expect(backoff.next()).toBe(135_000);
  expect(backoff.next()).toBe(90_000);
});

test('every wait lies within the randomization factor of an interval that never exceeds the larger of both limits', () => {
  const settings = fc.record({
    initial_interval: fc.integer({ min: 0, max: 100_000 }),
    randomization_factor: fc.double({ min: 0, max: 1, noNaN: true }),
    multiplier: fc.double({ min: 1, max: 10, noNaN: true }),
    max_interval: fc.integer({ min: 0, max: 100_000 }),
  });
  const random = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(settings, random, (settings, values) => {
      let drawn = 0;
      const backoff = new Backoff(settings, () => values[drawn++]);
      let interval = settings.initial_interval;
      for (const value of values) {
        const wait = backoff.next();
        const { randomization_factor: factor } = settings;
        expect(wait).toBeCloseTo(interval * (1 - factor + value * 2 * factor), 3);
        interval = Math.min(interval * settings.multiplier, settings.max_interval);
      }
    }),
  );
});
